# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code

_IMAGE = "ami-0abcdef1234567890"


def aws_behaviour(clients) -> bool:
    """An instance has an address of its subnet and the subnet's zone, and lets go of the address when it is terminated."""
    ec2 = clients("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.91.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.91.4.0/28", AvailabilityZone="me-west-1b")["Subnet"]["SubnetId"]
    launch = {"ImageId": _IMAGE, "MinCount": 1, "MaxCount": 1, "SubnetId": subnet}
    instance = ec2.run_instances(**launch)["Instances"][0]
    placed = (
        instance["PrivateIpAddress"] == "10.91.4.4"
        and instance["PrivateDnsName"] == "ip-10-91-4-4.me-west-1.compute.internal"
        and instance["Placement"]["AvailabilityZone"] == "me-west-1b"
        and "PublicIpAddress" not in instance
    )
    refused = (
        error_code(ec2.run_instances, **launch | {"SubnetId": "subnet-0123456789abcdef0"}) == "InvalidSubnetID.NotFound"
        and error_code(ec2.run_instances, **launch, PrivateIpAddress="10.91.4.4") == "InvalidIPAddress.InUse"
        and error_code(ec2.run_instances, **launch | {"MinCount": 11, "MaxCount": 11})
        == "InsufficientFreeAddressesInSubnet"
        and error_code(ec2.delete_subnet, SubnetId=subnet) == "DependencyViolation"
    )
    ec2.terminate_instances(InstanceIds=[instance["InstanceId"]])
    again = ec2.run_instances(**launch)["Instances"][0]
    ec2.terminate_instances(InstanceIds=[again["InstanceId"]])
    return (
        placed
        and refused
        and again["PrivateIpAddress"] == "10.91.4.4"
        and not error_code(ec2.delete_subnet, SubnetId=subnet)
    )


def test_instance_addresses(patched_only):
    patched_only("ec2.instance_addresses", aws_behaviour)
