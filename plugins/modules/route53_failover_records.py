#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: route53_failover_records
short_description: Keep DNS failover records with Route 53 health checks
version_added: 0.2.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Keeps all failover CNAME records of an owner in a hosted zone, with a health check for each target, in a single task.
  - The target of the primary region answers while it is healthy, the other one while it isn't. Where neither is healthy, Route 53
    answers with the primary.
  - What the owner has and O(records) does not name is removed. Records and health checks of others are not touched.
  - All records change in one transaction, so that a change of the primary region takes effect as a whole.
  - A health check that somebody has disabled, inverted, limited to some regions' checkers or moved to another host is changed
    back, since failover rests on it.
  - Type and interval of a health check can't be changed. A new one is created, the record uses it, and the old one is
    deleted.
  - Before the first change all entries are checked, and all problems are reported at once.
  - The next run completes an interrupted one.
options:
  zone:
    description: Public hosted zone, by name or ID.
    type: str
    required: true
  owner:
    description:
      - Owner of the records. The records' set identifiers and the health checks' caller references begin with it.
      - 1 to 41 letters, digits and hyphens.
    type: str
    required: true
  primary_region:
    description: Region whose target answers while it is healthy. A name without a target there takes its first one.
    type: str
    required: true
  records:
    description: The names. With an empty list everything of the owner is removed.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The name. It is below the zone's apex, where DNS allows no CNAME.
        type: str
        required: true
      ttl:
        description: Seconds that resolvers keep an answer.
        type: int
        default: 30
      targets:
        description: What the name leads to, in one or two regions.
        type: list
        elements: dict
        required: true
        suboptions:
          region:
            description: Region of the target.
            type: str
            required: true
          host:
            description: Host name of the target, such as a load balancer's.
            type: str
            required: true
      health_check:
        description: Health check of each target. Route 53 does not validate certificates.
        type: dict
        required: true
        suboptions:
          type:
            description: Protocol of the check. Of HTTP and HTTPS an answer from 200 to 399 is healthy.
            type: str
            choices:
              - HTTP
              - HTTPS
              - TCP
            default: HTTPS
          port:
            description: Port of the target.
            type: int
            default: 443
          path:
            description: Path to ask for, with HTTP and HTTPS.
            type: str
            default: /
          interval:
            description: Seconds between two requests of one health checker.
            type: int
            choices:
              - 10
              - 30
            default: 10
          threshold:
            description: Results in a row after which the status of a target changes.
            type: int
            default: 3
  tags:
    description: Tags of the health checks, besides their V(Name).
    type: dict
    default: {}
  wait_timeout:
    description: Seconds to wait until all of Route 53's name servers answer with the changes.
    type: int
    default: 120
extends_documentation_fragment:
  - knowledgecity.platform.regional
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: amazon.aws.route53
  - module: amazon.aws.route53_health_check
"""

EXAMPLES = r"""
- name: Let the API fail over
  knowledgecity.platform.route53_failover_records:
    zone: learn.example.com
    owner: kc-production
    primary_region: me-west-1
    records:
      - name: api.learn.example.com
        targets:
          - region: me-west-1
            host: api-1234567890.me-west-1.elb.amazonaws.com
          - region: eu-central-1
            host: api-0987654321.eu-central-1.elb.amazonaws.com
        health_check:
          path: /health
    tags:
      platform: kc
      environment: production

- name: Remove all of it
  knowledgecity.platform.route53_failover_records:
    zone: learn.example.com
    owner: kc-production
    primary_region: me-west-1
    records: []
"""

RETURN = r"""
records:
  description: The names as they were read last.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The name.
      type: str
    primary_region:
      description: Region whose target answers while it is healthy.
      type: str
    ttl:
      description: Seconds that resolvers keep an answer.
      type: int
    targets:
      description: The targets.
      type: list
      elements: dict
      contains:
        region: {description: "Region of the target.", type: str}
        host: {description: "Host name of the target.", type: str}
        failover: {description: "V(PRIMARY) or V(SECONDARY).", type: str}
        health_check_id: {description: "ID of its health check, V(null) for one that a run would create.", type: str}
  sample:
    - name: api.learn.example.com
      primary_region: me-west-1
      ttl: 30
      targets:
        - region: me-west-1
          host: api-1234567890.me-west-1.elb.amazonaws.com
          failover: PRIMARY
          health_check_id: 12345678-1234-1234-1234-123456789012
changes:
  description: What was changed, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample:
    - action: create
      resource: health check of api.learn.example.com in me-west-1
    - action: create
      resource: record of api.learn.example.com in me-west-1
"""

import re

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge, describe
from ansible_collections.knowledgecity.platform.plugins.module_utils._route53 import GLOBAL_REGION, Route53
from ansible_collections.knowledgecity.platform.plugins.module_utils._route53_failover_records.model import (
    Owner,
    Wanted,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._route53_failover_records.reconciler import (
    FailoverReconciler,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._route53_failover_records.store import (
    HealthCheckStore,
)

_OWNER = re.compile(r"[A-Za-z0-9-]{1,41}")

_TARGET = {"region": {"type": "str", "required": True}, "host": {"type": "str", "required": True}}
_HEALTH_CHECK = {
    "type": {"type": "str", "choices": ["HTTP", "HTTPS", "TCP"], "default": "HTTPS"},
    "port": {"type": "int", "default": 443},
    "path": {"type": "str", "default": "/"},
    "interval": {"type": "int", "choices": [10, 30], "default": 10},
    "threshold": {"type": "int", "default": 3},
}
_RECORD = {
    "name": {"type": "str", "required": True},
    "ttl": {"type": "int", "default": 30},
    "targets": {"type": "list", "elements": "dict", "required": True, "options": _TARGET},
    "health_check": {"type": "dict", "required": True, "options": _HEALTH_CHECK},
}
_SPEC = {
    "zone": {"type": "str", "required": True},
    "owner": {"type": "str", "required": True},
    "primary_region": {"type": "str", "required": True},
    "records": {"type": "list", "elements": "dict", "required": True, "options": _RECORD},
    "tags": {"type": "dict", "default": {}},
    "wait_timeout": {"type": "int", "default": 120},
}


def main() -> None:
    module = regional_module(_SPEC)
    parameters = module.params
    if not _OWNER.fullmatch(parameters["owner"]):
        module.fail_json(msg=f"O(owner) is {parameters['owner']!r}: it has 1 to 41 letters, digits and hyphens.")
    owner = Owner(parameters["owner"], {str(key): str(value) for key, value in parameters["tags"].items()})
    entries = [Wanted.from_options(entry, parameters["primary_region"]) for entry in parameters["records"]]
    try:
        client = RegionalClients(module).client("route53", GLOBAL_REGION)
        reconciler = FailoverReconciler(
            entries,
            parameters["zone"],
            owner,
            Route53(client),
            HealthCheckStore(client, owner),
            check_mode=module.check_mode,
            timeout=parameters["wait_timeout"],
        )
        changes, state = converge(reconciler, check_mode=module.check_mode, timeout=parameters["wait_timeout"])
    except PlatformError as error:
        module.fail_json(msg=str(error))
    for warning in state.verdict.warnings:
        module.warn(warning)
    module.exit_json(records=reconciler.results(state), **describe(changes))


if __name__ == "__main__":
    main()
