#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: vpc_security_groups
short_description: Keep security groups of a VPC with their rules, in one call
version_added: 0.2.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Creates security groups of one VPC, any number in a single task, with their rules and tags, or removes them.
  - The groups may name one another in their rules. All of them are created first, and then get their rules.
  - A group gets exactly the rules that are stated here. Rules that were added by hand are revoked, after missing ones were added.
  - All problems of the list are reported at once, before the first change.
  - AWS can't change the description of a group. That of a group that exists is left as it is.
options:
  vpc_id:
    description: ID of the VPC.
    type: str
    required: true
  security_groups:
    description: The security groups. Others in the VPC are left alone.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the group. V(default) is the one that AWS created with the VPC.
        type: str
        required: true
      description:
        description: Description of a new group. Without it the name is taken.
        type: str
      ingress:
        description:
          - Rules for traffic to the members of the group. Without it these rules are left as they are.
          - Each rule has one source.
        type: list
        elements: dict
        suboptions:
          protocol:
            description: Name or number of the protocol, or V(all).
            type: str
            default: tcp
          from_port:
            description: First port, or for ICMP the type. Required for V(tcp) and V(udp).
            type: int
          to_port:
            description: Last port, or for ICMP the code. Without it the same as C(from_port).
            type: int
          group:
            description: Name of a security group in the VPC, or the ID of any.
            type: str
          cidr:
            description: An IPv4 address range.
            type: str
          cidr_ipv6:
            description: An IPv6 address range.
            type: str
          prefix_list:
            description: ID of a prefix list.
            type: str
          description:
            description: Description of the rule.
            type: str
      egress:
        description:
          - Rules for traffic from the members of the group. Without it these rules are left as they are; a new group allows all.
          - Each rule has one destination.
        type: list
        elements: dict
        suboptions:
          protocol:
            description: Name or number of the protocol, or V(all).
            type: str
            default: tcp
          from_port:
            description: First port, or for ICMP the type. Required for V(tcp) and V(udp).
            type: int
          to_port:
            description: Last port, or for ICMP the code. Without it the same as C(from_port).
            type: int
          group:
            description: Name of a security group in the VPC, or the ID of any.
            type: str
          cidr:
            description: An IPv4 address range.
            type: str
          cidr_ipv6:
            description: An IPv6 address range.
            type: str
          prefix_list:
            description: ID of a prefix list.
            type: str
          description:
            description: Description of the rule.
            type: str
      tags:
        description: Tags of the group. Without it they are left as they are.
        type: dict
  purge_tags:
    description: Remove tags that O(security_groups[].tags) does not name.
    type: bool
    default: true
  state:
    description: Whether the groups exist. Before any group is removed, the rules of all of them are.
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
  - module: amazon.aws.ec2_security_group
"""

EXAMPLES = r"""
- name: Create two groups, one of which lets the other in
  knowledgecity.platform.vpc_security_groups:
    vpc_id: vpc-0123456789abcdef0
    security_groups:
      - name: kc-production-me-west-1-network-api
        description: The API
        ingress: []
        egress:
          - {from_port: 3306, group: kc-production-me-west-1-network-database, description: MySQL}
          - {from_port: 443, prefix_list: pl-0123456789abcdef0, description: Buckets of this region}
        tags: {platform: kc, environment: production}
      - name: kc-production-me-west-1-network-database
        description: MySQL
        ingress:
          - {from_port: 3306, group: kc-production-me-west-1-network-api, description: MySQL}
        egress: []
        tags: {platform: kc, environment: production}

- name: Allow nothing to members of the default group
  knowledgecity.platform.vpc_security_groups:
    vpc_id: vpc-0123456789abcdef0
    security_groups:
      - {name: default, ingress: [], egress: []}

- name: Remove them
  knowledgecity.platform.vpc_security_groups:
    vpc_id: vpc-0123456789abcdef0
    security_groups:
      - name: kc-production-me-west-1-network-api
      - name: kc-production-me-west-1-network-database
    state: absent
"""

RETURN = r"""
security_groups:
  description: Those of the groups that exist, as they were read last; in check mode as they were found.
  returned: success
  type: list
  elements: dict
  contains:
    group_id:
      description: ID of the group.
      type: str
    name:
      description: Name of the group.
      type: str
    description:
      description: Description of the group.
      type: str
    ingress:
      description: Rules for traffic to the members, as in O(security_groups[].ingress).
      type: list
      elements: dict
    egress:
      description: Rules for traffic from the members, as in O(security_groups[].egress).
      type: list
      elements: dict
    tags:
      description: Tags of the group.
      type: dict
  sample:
    - group_id: sg-0123456789abcdef0
      name: kc-production-me-west-1-network-database
      description: MySQL
      ingress:
        - {protocol: tcp, from_port: 3306, to_port: 3306, group: kc-production-me-west-1-network-api, description: MySQL}
      egress: []
      tags: {platform: kc, environment: production}
changes:
  description: What was changed, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample: [{action: create, resource: security group kc-production-me-west-1-network-database}]
"""

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge, describe
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_security_groups.model import KINDS, Group
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_security_groups.reconciler import (
    GroupReconciler,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_security_groups.store import GroupStore


def main() -> None:
    rules = {
        "type": "list",
        "elements": "dict",
        "options": {
            "protocol": {"type": "str", "default": "tcp"},
            "from_port": {"type": "int"},
            "to_port": {"type": "int"},
            "group": {"type": "str"},
            "cidr": {"type": "str"},
            "cidr_ipv6": {"type": "str"},
            "prefix_list": {"type": "str"},
            "description": {"type": "str"},
        },
        "mutually_exclusive": [KINDS],
        "required_one_of": [KINDS],
    }
    group = {
        "name": {"type": "str", "required": True},
        "description": {"type": "str"},
        "ingress": rules,
        "egress": rules,
        "tags": {"type": "dict"},
    }
    module = regional_module(
        {
            "vpc_id": {"type": "str", "required": True},
            "security_groups": {"type": "list", "elements": "dict", "required": True, "options": group},
            "purge_tags": {"type": "bool", "default": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "wait_timeout": {"type": "int", "default": 60},
        }
    )
    parameters = module.params
    timeout = parameters["wait_timeout"]
    try:
        wanted = [Group.from_option(entry) for entry in parameters["security_groups"]]
        store = GroupStore(RegionalClients(module).client("ec2"), parameters["vpc_id"], timeout)
        reconciler = GroupReconciler(
            wanted, store, present=parameters["state"] == "present", purge_tags=parameters["purge_tags"]
        )
        changes, current = converge(reconciler, check_mode=module.check_mode, timeout=timeout)
    except PlatformError as error:
        module.fail_json(msg=str(error))
    found = [current[group.name] for group in wanted if group.name in current]
    module.exit_json(
        security_groups=[{"group_id": group.group_id, **group.as_dict()} for group in found], **describe(changes)
    )


if __name__ == "__main__":
    main()
