#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: vpc_endpoints
short_description: Keep endpoints of a VPC, in one call
version_added: 0.2.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Creates gateway and interface endpoints of one VPC, any number in a single task, and sets their tags, or removes them.
  - An endpoint is found by its service.
  - An endpoint whose type, route tables, subnets, security groups or private DNS differ is deleted and created again. For a moment
    its service has no endpoint.
options:
  vpc_id:
    description: ID of the VPC.
    type: str
    required: true
  endpoints:
    description: The endpoints. Others in the VPC are left alone.
    type: list
    elements: dict
    required: true
    suboptions:
      service:
        description: Name of the service, such as V(com.amazonaws.me-west-1.kms).
        type: str
        required: true
      type:
        description: Type of the endpoint.
        type: str
        choices: [Gateway, Interface]
        default: Interface
      route_table_ids:
        description: IDs of the route tables of a gateway endpoint.
        type: list
        elements: str
        default: []
      subnet_ids:
        description: IDs of the subnets of an interface endpoint.
        type: list
        elements: str
        default: []
      security_group_ids:
        description: IDs of the security groups of an interface endpoint.
        type: list
        elements: str
        default: []
      private_dns_enabled:
        description: Whether the service's usual names lead to an interface endpoint within the VPC.
        type: bool
        default: true
      tags:
        description: Tags of the endpoint. Without it they are left as they are.
        type: dict
  purge_tags:
    description: Remove tags that O(endpoints[].tags) does not name.
    type: bool
    default: true
  state:
    description: Whether the endpoints exist.
    type: str
    choices: [present, absent]
    default: present
  wait_timeout:
    description: Seconds to wait for the changes to take effect, and for endpoints to be gone.
    type: int
    default: 600
extends_documentation_fragment:
  - knowledgecity.platform.regional
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: amazon.aws.ec2_vpc_endpoint
"""

EXAMPLES = r"""
- name: Reach S3 and KMS without the internet
  knowledgecity.platform.vpc_endpoints:
    vpc_id: vpc-0123456789abcdef0
    endpoints:
      - service: com.amazonaws.me-west-1.s3
        type: Gateway
        route_table_ids: [rtb-0123456789abcdef0]
        tags: {platform: kc, environment: production}
      - service: com.amazonaws.me-west-1.kms
        subnet_ids: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
        security_group_ids: [sg-0123456789abcdef0]
        tags: {platform: kc, environment: production}

- name: Remove one
  knowledgecity.platform.vpc_endpoints:
    vpc_id: vpc-0123456789abcdef0
    endpoints:
      - service: com.amazonaws.me-west-1.kms
    state: absent
"""

RETURN = r"""
endpoints:
  description: Those of the endpoints that exist, as they were read last; in check mode as they were found.
  returned: success
  type: list
  elements: dict
  contains:
    endpoint_id:
      description: ID of the endpoint.
      type: str
    service:
      description: Name of the service.
      type: str
    type:
      description: Type of the endpoint.
      type: str
    route_table_ids:
      description: IDs of the route tables.
      type: list
      elements: str
    subnet_ids:
      description: IDs of the subnets.
      type: list
      elements: str
    security_group_ids:
      description: IDs of the security groups.
      type: list
      elements: str
    private_dns_enabled:
      description: Whether the service's usual names lead to the endpoint.
      type: bool
    tags:
      description: Tags of the endpoint.
      type: dict
  sample:
    - endpoint_id: vpce-0123456789abcdef0
      service: com.amazonaws.me-west-1.s3
      type: Gateway
      route_table_ids: [rtb-0123456789abcdef0]
      subnet_ids: []
      security_group_ids: []
      private_dns_enabled: false
      tags: {platform: kc, environment: production}
changes:
  description: What was changed, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample: [{action: create, resource: endpoint com.amazonaws.me-west-1.s3}]
"""

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge, describe
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_endpoints.model import (
    GATEWAY,
    INTERFACE,
    Endpoint,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_endpoints.reconciler import EndpointReconciler
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_endpoints.store import EndpointStore


def main() -> None:
    ids = {"type": "list", "elements": "str", "default": []}
    endpoint = {
        "service": {"type": "str", "required": True},
        "type": {"type": "str", "choices": [GATEWAY, INTERFACE], "default": INTERFACE},
        "route_table_ids": ids,
        "subnet_ids": ids,
        "security_group_ids": ids,
        "private_dns_enabled": {"type": "bool", "default": True},
        "tags": {"type": "dict"},
    }
    module = regional_module(
        {
            "vpc_id": {"type": "str", "required": True},
            "endpoints": {"type": "list", "elements": "dict", "required": True, "options": endpoint},
            "purge_tags": {"type": "bool", "default": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "wait_timeout": {"type": "int", "default": 600},
        }
    )
    parameters = module.params
    timeout = parameters["wait_timeout"]
    try:
        wanted = [Endpoint.from_option(entry) for entry in parameters["endpoints"]]
        store = EndpointStore(RegionalClients(module).client("ec2"), parameters["vpc_id"], timeout)
        reconciler = EndpointReconciler(
            wanted, store, present=parameters["state"] == "present", purge_tags=parameters["purge_tags"]
        )
        changes, current = converge(reconciler, check_mode=module.check_mode, timeout=timeout)
    except PlatformError as error:
        module.fail_json(msg=str(error))
    found = [current[endpoint.service] for endpoint in wanted if endpoint.service in current]
    module.exit_json(
        endpoints=[{"endpoint_id": endpoint.endpoint_id, **endpoint.as_dict()} for endpoint in found],
        **describe(changes),
    )


if __name__ == "__main__":
    main()
