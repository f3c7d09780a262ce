#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: vpc_subnets
short_description: Keep subnets of a VPC, in one call
version_added: 0.2.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Creates subnets of one VPC, any number in a single task, and sets their names, tags and public addresses, or removes them.
  - A subnet is found by its address range, of which a VPC can have only one.
  - AWS can't move a subnet to another zone. All such problems are reported at once, before the first change.
options:
  vpc_id:
    description: ID of the VPC.
    type: str
    required: true
  subnets:
    description: The subnets. Others in the VPC are left alone.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the subnet, its tag C(Name).
        type: str
        required: true
      cidr:
        description: IPv4 address range.
        type: str
        required: true
      zone:
        description: Availability zone. Without it AWS chooses one.
        type: str
      map_public_ip:
        description: Whether instances that are launched in the subnet get a public address.
        type: bool
        default: false
      tags:
        description: Tags besides C(Name). Without it they are left as they are.
        type: dict
  purge_tags:
    description: Remove tags that O(subnets[].tags) does not name.
    type: bool
    default: true
  state:
    description: Whether the subnets exist.
    type: str
    choices: [present, absent]
    default: present
  wait_timeout:
    description: Seconds to wait for the changes to take effect.
    type: int
    default: 60
extends_documentation_fragment:
  - knowledgecity.platform.regional
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: amazon.aws.ec2_vpc_subnet
"""

EXAMPLES = r"""
- name: Create a subnet in each of two zones
  knowledgecity.platform.vpc_subnets:
    vpc_id: vpc-0123456789abcdef0
    subnets:
      - name: kc-production-me-west-1-network-private-a
        cidr: 10.10.64.0/20
        zone: me-west-1a
        tags: {platform: kc, environment: production}
      - name: kc-production-me-west-1-network-private-b
        cidr: 10.10.80.0/20
        zone: me-west-1b
        tags: {platform: kc, environment: production}

- name: Remove one
  knowledgecity.platform.vpc_subnets:
    vpc_id: vpc-0123456789abcdef0
    subnets:
      - name: kc-production-me-west-1-network-private-b
        cidr: 10.10.80.0/20
    state: absent
"""

RETURN = r"""
subnets:
  description: Those of the subnets that exist, as they were read last; in check mode as they were found.
  returned: success
  type: list
  elements: dict
  contains:
    subnet_id:
      description: ID of the subnet.
      type: str
    name:
      description: Name of the subnet.
      type: str
    cidr:
      description: Address range.
      type: str
    zone:
      description: Availability zone.
      type: str
    map_public_ip:
      description: Whether instances get a public address.
      type: bool
    tags:
      description: Tags of the subnet.
      type: dict
  sample:
    - subnet_id: subnet-0123456789abcdef0
      name: kc-production-me-west-1-network-private-a
      cidr: 10.10.64.0/20
      zone: me-west-1a
      map_public_ip: false
      tags: {Name: kc-production-me-west-1-network-private-a, platform: kc, environment: production}
changes:
  description: What was changed, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample: [{action: create, resource: subnet kc-production-me-west-1-network-private-a}]
"""

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge, describe
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_subnets.model import Subnet
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_subnets.reconciler import SubnetReconciler
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_subnets.store import SubnetStore


def main() -> None:
    subnet = {
        "name": {"type": "str", "required": True},
        "cidr": {"type": "str", "required": True},
        "zone": {"type": "str"},
        "map_public_ip": {"type": "bool", "default": False},
        "tags": {"type": "dict"},
    }
    module = regional_module(
        {
            "vpc_id": {"type": "str", "required": True},
            "subnets": {"type": "list", "elements": "dict", "required": True, "options": subnet},
            "purge_tags": {"type": "bool", "default": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "wait_timeout": {"type": "int", "default": 60},
        }
    )
    parameters = module.params
    timeout = parameters["wait_timeout"]
    try:
        wanted = [Subnet.from_option(entry) for entry in parameters["subnets"]]
        store = SubnetStore(RegionalClients(module).client("ec2"), parameters["vpc_id"], timeout)
        reconciler = SubnetReconciler(
            wanted, store, present=parameters["state"] == "present", purge_tags=parameters["purge_tags"]
        )
        changes, current = converge(reconciler, check_mode=module.check_mode, timeout=timeout)
    except PlatformError as error:
        module.fail_json(msg=str(error))
    found = [current[subnet.cidr] for subnet in wanted if subnet.cidr in current]
    module.exit_json(
        subnets=[{"subnet_id": subnet.subnet_id, **subnet.as_dict()} for subnet in found], **describe(changes)
    )


if __name__ == "__main__":
    main()
