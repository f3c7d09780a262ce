# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.rights import ACCOUNT, allowed, user_with


def aws_behaviour(clients) -> bool:
    """Target groups of the names that the policy names can be made, changed and removed, and no others."""
    own = f"arn:aws:elasticloadbalancing:*:{ACCOUNT}:targetgroup/own-*"
    actions = [
        "elasticloadbalancing:CreateTargetGroup",
        "elasticloadbalancing:ModifyTargetGroupAttributes",
        "elasticloadbalancing:DeleteTargetGroup",
    ]
    vpc = clients("ec2").create_vpc(CidrBlock="10.94.0.0/16")["Vpc"]["VpcId"]
    made = {"Protocol": "HTTPS", "Port": 8443, "VpcId": vpc}
    administrator = clients("elbv2")
    foreign = administrator.create_target_group(Name="foreign-one", **made)["TargetGroups"][0]["TargetGroupArn"]
    known = administrator.create_target_group(Name="own-one", **made)["TargetGroups"][0]["TargetGroupArn"]
    user = clients("elbv2", key=user_with(clients, [{"Action": actions, "Resource": own}])[1])
    change = [{"Key": "deregistration_delay.timeout_seconds", "Value": "60"}]
    return (
        allowed(user.create_target_group, Name="own-two", **made),
        allowed(user.create_target_group, Name="foreign-two", **made),
        allowed(user.modify_target_group_attributes, TargetGroupArn=known, Attributes=change),
        allowed(user.modify_target_group_attributes, TargetGroupArn=foreign, Attributes=change),
        allowed(user.delete_target_group, TargetGroupArn=foreign),
        allowed(user.delete_target_group, TargetGroupArn=known),
    ) == (True, False, True, False, False, True)


def test_elbv2_resources_checked(patched_only):
    patched_only("elbv2.resources_checked", aws_behaviour)
