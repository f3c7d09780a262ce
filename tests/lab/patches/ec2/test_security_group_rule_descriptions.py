# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code


def aws_behaviour(clients) -> bool:
    """A rule's description can be changed."""
    ec2 = clients("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.71.0.0/16")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName="server", Description="server", VpcId=vpc)["GroupId"]

    def rule(description):
        source = {"CidrIp": "10.0.0.0/8", "Description": description}
        return {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [source]}

    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule("before")])
    update = ec2.update_security_group_rule_descriptions_ingress
    refused = error_code(update, GroupId=group, IpPermissions=[rule("after")])
    found = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
    return not refused and [item["IpRanges"][0]["Description"] for item in found] == ["after"]


def test_security_group_rule_descriptions(patched_only):
    patched_only("ec2.security_group_rule_descriptions", aws_behaviour)
