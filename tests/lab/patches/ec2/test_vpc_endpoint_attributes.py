# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations


def aws_behaviour(clients) -> bool:
    """Endpoints are filtered by VPC, and an interface endpoint tells its groups and its private DNS."""
    ec2 = clients("ec2")
    vpcs = [ec2.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"] for cidr in ("10.63.0.0/16", "10.64.0.0/16")]
    subnet = ec2.create_subnet(VpcId=vpcs[0], CidrBlock="10.63.0.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="endpoints", Description="endpoints", VpcId=vpcs[0])["GroupId"]
    service = "com.amazonaws.me-west-1.kms"
    ec2.create_vpc_endpoint(
        VpcId=vpcs[0], ServiceName=service, VpcEndpointType="Interface", SubnetIds=[subnet], SecurityGroupIds=[group]
    )
    ec2.create_vpc_endpoint(VpcId=vpcs[1], ServiceName=service, VpcEndpointType="Interface")
    found = ec2.describe_vpc_endpoints(Filters=[{"Name": "vpc-id", "Values": [vpcs[0]]}])["VpcEndpoints"]
    return (
        len(found) == 1
        and [item["GroupId"] for item in found[0].get("Groups", [])] == [group]
        and found[0].get("PrivateDnsEnabled") is True
    )


def test_vpc_endpoint_attributes(patched_only):
    patched_only("ec2.vpc_endpoint_attributes", aws_behaviour)
