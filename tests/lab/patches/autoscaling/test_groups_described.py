# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from botocore.exceptions import ClientError

_GROUP = "described"


def aws_behaviour(clients) -> bool:
    """A group shows its template by id and name, and every list; a new template, a switched process and metrics are kept."""
    ec2, scaling = clients("ec2"), clients("autoscaling", key=("111122223333", "unused"))
    vpc = ec2.create_vpc(CidrBlock="10.95.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.95.0.0/24", AvailabilityZone="me-west-1c")["Subnet"]["SubnetId"]
    data = {"ImageId": "ami-0abcdef1234567890", "InstanceType": "t3.micro"}
    template = ec2.create_launch_template(LaunchTemplateName=_GROUP, LaunchTemplateData=data)["LaunchTemplate"]
    named = {"LaunchTemplateName": _GROUP}
    create = {
        "AutoScalingGroupName": _GROUP,
        "MinSize": 0,
        "MaxSize": 1,
        "VPCZoneIdentifier": subnet,
        "LaunchTemplate": named,
    }
    scaling.create_auto_scaling_group(**create)
    try:
        scaling.suspend_processes(AutoScalingGroupName=_GROUP, ScalingProcesses=["AZRebalance"])
        scaling.disable_metrics_collection(AutoScalingGroupName=_GROUP)
        scaling.update_auto_scaling_group(AutoScalingGroupName=_GROUP, LaunchTemplate=named | {"Version": "1"})
        scaling.update_auto_scaling_group(AutoScalingGroupName=_GROUP, DesiredCapacity=5)
        refused = False
    except ClientError as error:
        refused = error.response["Error"]["Code"] == "ValidationError"
    shown = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[_GROUP])["AutoScalingGroups"][0]
    scaling.delete_auto_scaling_group(AutoScalingGroupName=_GROUP, ForceDelete=True)
    return (
        refused
        and shown["LaunchTemplate"]
        == {"LaunchTemplateId": template["LaunchTemplateId"], "LaunchTemplateName": _GROUP, "Version": "1"}
        and [item["ProcessName"] for item in shown["SuspendedProcesses"]] == ["AZRebalance"]
        and (shown["LoadBalancerNames"], shown["TargetGroupARNs"], shown["EnabledMetrics"]) == ([], [], [])
        and shown["AvailabilityZones"] == ["me-west-1c"]
        and "LaunchConfigurationName" not in shown
    )


def test_auto_scaling_groups_described(patched_only):
    patched_only("autoscaling.groups_described", aws_behaviour)
