# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations


def aws_behaviour(clients) -> bool:
    """A rule for a prefix list reads back with it."""
    ec2 = clients("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.70.0.0/16")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName="reader", Description="reader", VpcId=vpc)["GroupId"]
    target = {"PrefixListId": "pl-0123456789abcdef0", "Description": "S3"}
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": [target]}
    ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[rule])
    found = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissionsEgress"]
    return [target] in [permission["PrefixListIds"] for permission in found]


def test_security_group_prefix_lists(patched_only):
    patched_only("ec2.security_group_prefix_lists", aws_behaviour)
