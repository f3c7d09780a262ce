# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code


def aws_behaviour(clients) -> bool:
    """A target group is found by its name, and one that isn't there is not."""
    balancing, network = clients("elbv2"), clients("ec2").create_vpc(CidrBlock="10.93.0.0/16")["Vpc"]["VpcId"]
    balancing.create_target_group(Name="named", Protocol="HTTPS", Port=8443, VpcId=network)
    found = balancing.describe_target_groups(Names=["named"])["TargetGroups"]
    missing = error_code(balancing.describe_target_groups, Names=["named", "nobody"])
    return [group["TargetGroupName"] for group in found] == ["named"] and missing == "TargetGroupNotFound"


def test_elbv2_target_groups_named(patched_only):
    patched_only("elbv2.target_groups_named", aws_behaviour)
