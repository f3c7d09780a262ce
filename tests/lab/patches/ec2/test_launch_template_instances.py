# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from botocore.exceptions import ClientError

from tests.support.answers import error_code


def aws_behaviour(clients) -> bool:
    """An instance is what its template says, but for what the request says itself; tags are joined."""
    ec2 = clients("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.93.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.93.0.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="templated", Description="x", VpcId=vpc)["GroupId"]
    data = {
        "ImageId": "ami-0abcdef1234567890",
        "InstanceType": "t3.small",
        "NetworkInterfaces": [{"DeviceIndex": 0, "SubnetId": subnet, "Groups": [group]}],
        "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "tier", "Value": "runner"}]}],
    }
    ec2.create_launch_template(LaunchTemplateName="templated", LaunchTemplateData=data)
    launch = {"MinCount": 1, "MaxCount": 1, "LaunchTemplate": {"LaunchTemplateName": "templated", "Version": "$Latest"}}
    own = [{"ResourceType": "instance", "Tags": [{"Key": "own", "Value": "yes"}]}]
    try:
        launched = ec2.run_instances(**launch, InstanceType="t3.large", TagSpecifications=own)
    except ClientError:
        return False  # without the template's there is no image
    instance_id = launched["Instances"][0]["InstanceId"]
    shown = ec2.describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0]
    ec2.terminate_instances(InstanceIds=[instance_id])
    missing = {"LaunchTemplateName": "templated", "Version": "7"}
    return (
        (shown["ImageId"], shown["InstanceType"], shown["SubnetId"]) == (data["ImageId"], "t3.large", subnet)
        and [item["GroupId"] for item in shown["SecurityGroups"]] == [group]
        and {tag["Key"]: tag["Value"] for tag in shown["Tags"]} == {"tier": "runner", "own": "yes"}
        and error_code(ec2.run_instances, **launch | {"LaunchTemplate": missing})
        == "InvalidLaunchTemplateId.VersionNotFound"
    )


def test_launch_template_instances(patched_only):
    patched_only("ec2.launch_template_instances", aws_behaviour)
