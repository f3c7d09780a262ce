#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: vpc_nat_gateways
short_description: Create NAT gateways of a VPC with their addresses, in one call
version_added: 0.2.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Creates public NAT gateways of one VPC, any number in a single task, each with an Elastic IP address, and sets their tags.
  - NAT gateway and address are found by their name. An address without NAT gateway, as an interrupted run leaves it, is used.
  - AWS can change neither subnet nor address of a NAT gateway. Those of one that exists are left as they are.
  - M(amazon.aws.ec2_vpc_nat_gateway) and M(amazon.aws.ec2_eip) remove them.
options:
  vpc_id:
    description: ID of the VPC.
    type: str
    required: true
  nat_gateways:
    description: The NAT gateways. Others in the VPC are left alone.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the NAT gateway and of its address, their tag C(Name).
        type: str
        required: true
      subnet_id:
        description: ID of the public subnet.
        type: str
        required: true
      tags:
        description: Tags of the NAT gateway and of its address, besides C(Name). Without it they are left as they are.
        type: dict
  purge_tags:
    description: Remove tags that O(nat_gateways[].tags) does not name.
    type: bool
    default: true
  wait:
    description: Wait until new NAT gateways are available.
    type: bool
    default: true
  wait_timeout:
    description: Seconds to wait for the changes to take effect.
    type: int
    default: 600
extends_documentation_fragment:
  - knowledgecity.platform.regional
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: amazon.aws.ec2_vpc_nat_gateway
  - module: amazon.aws.ec2_eip
"""

EXAMPLES = r"""
- name: Create a NAT gateway in each of two zones
  knowledgecity.platform.vpc_nat_gateways:
    vpc_id: vpc-0123456789abcdef0
    nat_gateways:
      - name: kc-production-me-west-1-network-nat-a
        subnet_id: subnet-0123456789abcdef0
        tags: {platform: kc, environment: production}
      - name: kc-production-me-west-1-network-nat-b
        subnet_id: subnet-0123456789abcdef1
        tags: {platform: kc, environment: production}
"""

RETURN = r"""
nat_gateways:
  description: Those of the NAT gateways that exist, as they were read last; in check mode as they were found.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the NAT gateway.
      type: str
    nat_gateway_id:
      description: ID of the NAT gateway.
      type: str
    allocation_id:
      description: ID of the address of this name; empty where there is none.
      type: str
    state:
      description: State of the NAT gateway.
      type: str
    tags:
      description: Tags of the NAT gateway.
      type: dict
  sample:
    - name: kc-production-me-west-1-network-nat-a
      nat_gateway_id: nat-0123456789abcdef0
      allocation_id: eipalloc-0123456789abcdef0
      state: available
      tags: {Name: kc-production-me-west-1-network-nat-a, platform: kc, environment: production}
changes:
  description: What was changed, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample:
    - action: create
      resource: address kc-production-me-west-1-network-nat-a
    - action: create
      resource: NAT gateway kc-production-me-west-1-network-nat-a
"""

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge, describe
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_nat_gateways.model import Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_nat_gateways.reconciler import (
    NatGatewayReconciler,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_nat_gateways.store import NatGatewayStore


def main() -> None:
    nat_gateway = {
        "name": {"type": "str", "required": True},
        "subnet_id": {"type": "str", "required": True},
        "tags": {"type": "dict"},
    }
    module = regional_module(
        {
            "vpc_id": {"type": "str", "required": True},
            "nat_gateways": {"type": "list", "elements": "dict", "required": True, "options": nat_gateway},
            "purge_tags": {"type": "bool", "default": True},
            "wait": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 600},
        }
    )
    parameters = module.params
    timeout = parameters["wait_timeout"]
    try:
        wanted = [Wanted.from_option(entry) for entry in parameters["nat_gateways"]]
        client = RegionalClients(module).client("ec2")
        store = NatGatewayStore(client, parameters["vpc_id"], timeout, wait=parameters["wait"])
        reconciler = NatGatewayReconciler(wanted, store, purge_tags=parameters["purge_tags"])
        changes, current = converge(reconciler, check_mode=module.check_mode, timeout=timeout)
    except PlatformError as error:
        module.fail_json(msg=str(error))
    module.exit_json(
        nat_gateways=[
            {
                "name": one.name,
                "nat_gateway_id": found.resource_id,
                "allocation_id": address.resource_id if (address := current.addresses.get(one.name)) else "",
                "state": found.state,
                "tags": found.tags,
            }
            for one in wanted
            if (found := current.gateways.get(one.name))
        ],
        **describe(changes),
    )


if __name__ == "__main__":
    main()
