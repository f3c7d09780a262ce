#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: dns_delegation_info
short_description: Tell whether a domain is delegated to its Route 53 hosted zone
version_added: 0.2.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Looks for the public hosted zone of a domain, asks public DNS which name servers the domain has, and compares.
  - Two public hosted zones of one name are an error, since only one of them can be the one that public DNS uses.
  - A zone that was made a moment ago may have to be delegated at a registrar elsewhere. RV(name_servers) is what to enter there.
requirements:
  - dnspython >= 2.4
options:
  domain:
    description: Name of the hosted zone.
    type: str
    required: true
  resolvers:
    description:
      - DNS resolvers to ask, by address. One on another port than 53 is written C(192.0.2.1:5353).
      - Without any the system's are asked.
    type: list
    elements: str
    default: []
  timeout:
    description: Seconds to wait for an answer.
    type: int
    default: 10
extends_documentation_fragment:
  - knowledgecity.platform.regional
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: amazon.aws.route53_zone
"""

EXAMPLES = r"""
- name: See whether the domain is delegated
  knowledgecity.platform.dns_delegation_info:
    domain: learn.example.com
  register: delegation

- name: Stop where it isn't
  ansible.builtin.assert:
    that: delegation.status == 'delegated'
    fail_msg: "{{ delegation.message }}"
"""

RETURN = r"""
status:
  description:
    - V(delegated), V(not_delegated), V(delegated_elsewhere) or V(partly_delegated).
    - V(no_zone) where there is no hosted zone, V(unknown) where no resolver answered.
  returned: success
  type: str
  sample: not_delegated
message:
  description: What that means and what to do, in words.
  returned: success
  type: str
zone_id:
  description: ID of the hosted zone.
  returned: success
  type: str
  sample: Z0123456789ABCDEFGHIJ
comment:
  description: The hosted zone's comment.
  returned: success
  type: str
name_servers:
  description: The hosted zone's name servers, which the zone above has to name.
  returned: success
  type: list
  elements: str
  sample: [ns-1.awsdns-01.org, ns-2.awsdns-02.co.uk, ns-3.awsdns-03.com, ns-4.awsdns-04.net]
public_name_servers:
  description: The name servers that public DNS knows.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._dns_delegation_info.model import (
    Heard,
    explain,
    judge,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._dns_delegation_info.resolver import (
    DNSPYTHON_ERROR,
    name_servers,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._route53 import GLOBAL_REGION, Route53


def _read(route53: Route53, parameters: dict) -> dict:
    domain = parameters["domain"].rstrip(".").lower()
    zones = [zone for zone in route53.find_zones(domain) if not zone.private]
    if len(zones) > 1:
        listed = "; ".join(f"{zone.zone_id} ({', '.join(route53.name_servers(zone))})" for zone in zones)
        raise PlatformError(
            f"There are {len(zones)} public hosted zones {domain}: {listed}. Public DNS uses the one whose name servers the "
            "registrar names. Remove the others."
        )
    servers = route53.name_servers(zones[0]) if zones else None
    heard = name_servers(domain, parameters["resolvers"], parameters["timeout"]) if zones else Heard()
    return {
        "status": judge(servers, heard),
        "message": explain(domain, servers, heard),
        "zone_id": zones[0].zone_id if zones else None,
        "comment": zones[0].comment if zones else None,
        "name_servers": servers or [],
        "public_name_servers": list(heard.servers),
    }


def main() -> None:
    module = regional_module(
        {
            "domain": {"type": "str", "required": True},
            "resolvers": {"type": "list", "elements": "str", "default": []},
            "timeout": {"type": "int", "default": 10},
        }
    )
    if DNSPYTHON_ERROR:
        module.fail_json(msg=missing_required_lib("dnspython"), exception=DNSPYTHON_ERROR)
    try:
        found = _read(Route53(RegionalClients(module).client("route53", GLOBAL_REGION)), module.params)
    except PlatformError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **found)


if __name__ == "__main__":
    main()
