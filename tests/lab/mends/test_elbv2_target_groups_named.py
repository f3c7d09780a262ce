# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code


def aws_behaviour(clients) -> bool:
    """An unknown name is an error, a known one is found."""
    elb = clients("elbv2")
    arn = elb.create_target_group(Name="named", Protocol="HTTP", Port=80, VpcId="vpc-00000001")["TargetGroups"][0]
    found = elb.describe_target_groups(Names=["named"])["TargetGroups"]
    elb.delete_target_group(TargetGroupArn=arn["TargetGroupArn"])
    return len(found) == 1 and error_code(elb.describe_target_groups, Names=["named"]) == "TargetGroupNotFound"


def test_elbv2_target_groups_named(mended_only):
    mended_only("elbv2_target_groups_named", aws_behaviour)
