# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors

from __future__ import annotations

import json
import uuid

from tests.support.rights import ACCOUNT, allowed, user_with

_TAGS = [{"Key": "platform", "Value": "kc"}]
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def _template(clients) -> tuple[str, str, str]:
    """A launch template with a profile and tags: its name, that of the profile's role, and a subnet."""
    name, iam, ec2 = f"launch-{uuid.uuid4().hex[:8]}", clients("iam", "us-east-1"), clients("ec2")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(_TRUST))
    iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
    kinds = [{"ResourceType": kind, "Tags": _TAGS} for kind in ("instance", "volume")]
    data = {"ImageId": "ami-0123456789abcdef0", "IamInstanceProfile": {"Name": name}, "TagSpecifications": kinds}
    ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    return (
        name,
        f"arn:aws:iam::{ACCOUNT}:role/{name}",
        ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"],
    )


def aws_behaviour(clients) -> bool:
    """A group gets a launch template from who may launch from it: with its tags, its profile, and what has no tags."""
    template, role, subnet = _template(clients)
    group = {"Action": "autoscaling:CreateAutoScalingGroup", "Resource": "*"}
    tagged = {"StringEquals": {"aws:RequestTag/platform": "kc"}}
    kinds = [f"arn:aws:ec2:*:{ACCOUNT}:{kind}/*" for kind in ("instance", "volume")]
    of_others = ["image", "subnet", "network-interface", "launch-template", "security-group"]
    launch = [
        {"Action": "ec2:RunInstances", "Resource": kinds, "Condition": tagged},
        {"Action": "ec2:RunInstances", "Resource": [f"arn:aws:ec2:*:*:{kind}/*" for kind in of_others]},
        {
            "Action": "ec2:CreateTags",
            "Resource": kinds,
            "Condition": {"StringEquals": {"ec2:CreateAction": "RunInstances"}},
        },
        {
            "Action": "iam:PassRole",
            "Resource": role,
            "Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
        },
    ]

    def may(statements: list[dict]) -> bool:
        user = clients("autoscaling", key=user_with(clients, statements)[1])
        return allowed(
            user.create_auto_scaling_group,
            AutoScalingGroupName=f"g-{uuid.uuid4().hex[:8]}",
            LaunchTemplate={"LaunchTemplateName": template, "Version": "1"},
            MinSize=0,
            MaxSize=0,
            VPCZoneIdentifier=subnet,
        )

    without_one = [[group, *launch[:number], *launch[number + 1 :]] for number in range(len(launch))]
    return may([group, *launch]) and not any(map(may, without_one))


def test_autoscaling_launches_tried(patched_only):
    patched_only("autoscaling.launches_tried", aws_behaviour)
