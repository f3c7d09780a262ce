# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.rights import allowed, user_with


def aws_behaviour(clients) -> bool:
    """Who may change the VPCs that have a tag may change those, and no others."""
    ec2 = clients("ec2")
    own, foreign = (ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"] for _ in range(2))
    ec2.create_tags(Resources=[own], Tags=[{"Key": "platform", "Value": "kc"}])
    condition = {"StringEquals": {"aws:ResourceTag/platform": "kc"}}
    _, key = user_with(clients, [{"Action": "ec2:ModifyVpcAttribute", "Resource": "*", "Condition": condition}])
    change = clients("ec2", key=key).modify_vpc_attribute
    enabled = {"EnableDnsHostnames": {"Value": True}}
    return allowed(change, VpcId=own, **enabled) and not allowed(change, VpcId=foreign, **enabled)


def test_resource_tags_of_all_services(patched_only):
    patched_only("tagging.all_services", aws_behaviour)
