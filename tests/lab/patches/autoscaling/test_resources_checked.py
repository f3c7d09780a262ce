# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import uuid

from tests.support.rights import ACCOUNT, allowed, user_with


def aws_behaviour(clients) -> bool:
    """A right on groups by their name is good for tagging those, and no others."""
    unique = uuid.uuid4().hex[:8]
    scaling, ec2 = clients("autoscaling"), clients("ec2")
    zone = ec2.describe_availability_zones()["AvailabilityZones"][0]["ZoneName"]
    scaling.create_launch_configuration(LaunchConfigurationName=f"t-{unique}", ImageId="ami-1", InstanceType="t3.micro")
    for name in (f"own-{unique}", f"foreign-{unique}"):
        scaling.create_auto_scaling_group(
            AutoScalingGroupName=name,
            LaunchConfigurationName=f"t-{unique}",
            MinSize=0,
            MaxSize=0,
            AvailabilityZones=[zone],
        )
    groups = f"arn:aws:autoscaling:*:{ACCOUNT}:autoScalingGroup:*:autoScalingGroupName/own-*"
    actions = ["autoscaling:CreateOrUpdateTags", "autoscaling:TerminateInstanceInAutoScalingGroup"]
    user = clients("autoscaling", key=user_with(clients, [{"Action": actions, "Resource": groups}])[1])
    tag = {"ResourceType": "auto-scaling-group", "Key": "a", "Value": "b", "PropagateAtLaunch": False}
    create = {"Action": "autoscaling:CreateAutoScalingGroup", "Resource": groups}
    unlaunched = {"Null": {"autoscaling:LaunchConfigurationName": "true"}}
    makers = [user_with(clients, [each])[1] for each in (create, create | {"Condition": unlaunched})]
    return (
        *(
            allowed(
                clients("autoscaling", key=key).create_auto_scaling_group,
                AutoScalingGroupName=f"own-{unique}-{number}",
                LaunchConfigurationName=f"t-{unique}",
                MinSize=0,
                MaxSize=0,
                AvailabilityZones=[zone],
            )
            for number, key in enumerate(makers)
        ),
        allowed(user.create_or_update_tags, Tags=[tag | {"ResourceId": f"own-{unique}"}]),
        allowed(user.create_or_update_tags, Tags=[tag | {"ResourceId": f"foreign-{unique}"}]),
        allowed(
            user.create_or_update_tags,
            Tags=[tag | {"ResourceId": name} for name in (f"own-{unique}", f"foreign-{unique}")],
        ),
        allowed(
            user.terminate_instance_in_auto_scaling_group,
            InstanceId="i-0123456789abcdef0",
            ShouldDecrementDesiredCapacity=False,
        ),
    ) == (True, False, True, False, False, False)


def test_autoscaling_resources_checked(patched_only):
    patched_only("autoscaling.resources_checked", aws_behaviour)
