# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code


def aws_behaviour(clients) -> bool:
    """Instances are found by their network and by a pattern of a tag; a filter that doesn't exist is refused."""
    ec2 = clients("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.92.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.92.0.0/24")["Subnet"]["SubnetId"]
    launch = {"ImageId": "ami-0abcdef1234567890", "MinCount": 1, "MaxCount": 1}
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "filtered-runner"}]}]
    ours = ec2.run_instances(**launch, SubnetId=subnet, TagSpecifications=tags)["Instances"][0]["InstanceId"]
    other = ec2.run_instances(**launch)["Instances"][0]["InstanceId"]

    def found(name, value):
        pages = ec2.describe_instances(Filters=[{"Name": name, "Values": [value]}])["Reservations"]
        return [instance["InstanceId"] for page in pages for instance in page["Instances"]]

    by_network = found("subnet-id", subnet) == found("vpc-id", vpc) == [ours]
    by_pattern = found("tag:Name", "filtered-*") == [ours]
    refused = error_code(found, name="no-such-filter", value="x") == "InvalidParameterValue"
    ec2.terminate_instances(InstanceIds=[ours, other])
    return by_network and by_pattern and refused


def test_instances_filtered(patched_only):
    patched_only("ec2.instances_filtered", aws_behaviour)
