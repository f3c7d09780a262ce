# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code

_GROUP = "scaled"


def _members(scaling):
    groups = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[_GROUP])["AutoScalingGroups"]
    return [
        item["InstanceId"] for group in groups for item in group["Instances"] if item["LifecycleState"] == "InService"
    ]


def _running(ec2, tag):
    pages = ec2.describe_instances(Filters=[{"Name": "tag:job", "Values": [tag]}])["Reservations"]
    found = [instance for page in pages for instance in page["Instances"]]
    return {item["InstanceId"]: item["SubnetId"] for item in found if item["State"]["Name"] == "running"}


def aws_behaviour(clients) -> bool:
    """A group's instances are EC2's: spread over its subnets, replaced when they end, and gone with the group."""
    ec2, scaling = clients("ec2"), clients("autoscaling", key=("111122223333", "unused"))
    vpc = ec2.create_vpc(CidrBlock="10.94.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.94.{number}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for number, zone in enumerate(("me-west-1a", "me-west-1b"))
    ]
    data = {"ImageId": "ami-0abcdef1234567890", "InstanceType": "t3.micro"}
    ec2.create_launch_template(LaunchTemplateName=_GROUP, LaunchTemplateData=data)
    scaling.create_auto_scaling_group(
        AutoScalingGroupName=_GROUP,
        MinSize=0,
        MaxSize=3,
        DesiredCapacity=2,
        VPCZoneIdentifier=",".join(subnets),
        LaunchTemplate={"LaunchTemplateName": _GROUP, "Version": "$Latest"},
        Tags=[{"Key": "job", "Value": _GROUP, "PropagateAtLaunch": True}],
    )
    first = _running(ec2, _GROUP)
    spread = set(first) == set(_members(scaling)) and sorted(first.values()) == sorted(subnets)
    if not spread:
        return False
    killed = next(iter(first))
    ec2.terminate_instances(InstanceIds=[killed])
    second = _members(scaling)
    replaced = len(second) == 2 and killed not in second and set(second) == set(_running(ec2, _GROUP))
    scaling.set_desired_capacity(AutoScalingGroupName=_GROUP, DesiredCapacity=1)
    scaled_in = len(_members(scaling)) == len(_running(ec2, _GROUP)) == 1
    refused = error_code(scaling.delete_auto_scaling_group, AutoScalingGroupName=_GROUP) == "ResourceInUse"
    scaling.delete_auto_scaling_group(AutoScalingGroupName=_GROUP, ForceDelete=True)
    return replaced and scaled_in and refused and not _running(ec2, _GROUP)


def test_auto_scaling_instances(patched_only):
    patched_only("autoscaling.instances", aws_behaviour)
