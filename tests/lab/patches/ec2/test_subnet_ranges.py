# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code


def aws_behaviour(clients) -> bool:
    """A subnet outside its VPC's range, or over another one, is refused."""
    ec2 = clients("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.74.0.0/16")["Vpc"]["VpcId"]
    first = ec2.create_subnet(VpcId=vpc, CidrBlock="10.74.0.0/22")["Subnet"]["SubnetId"]
    free = ec2.describe_subnets(SubnetIds=[first])["Subnets"][0]["AvailableIpAddressCount"]
    return (
        free == 1019
        and error_code(ec2.create_subnet, VpcId=vpc, CidrBlock="10.74.1.0/24") == "InvalidSubnet.Conflict"
        and error_code(ec2.create_subnet, VpcId=vpc, CidrBlock="10.99.0.0/24") == "InvalidSubnet.Range"
    )


def test_subnet_ranges(patched_only):
    patched_only("ec2.subnet_ranges", aws_behaviour)
