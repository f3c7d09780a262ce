# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code


def aws_behaviour(clients) -> bool:
    """What is in use can't be deleted, whatever it is."""
    ec2 = clients("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.75.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.75.0.0/24")["Subnet"]["SubnetId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    allocation = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=allocation)["NatGateway"]["NatGatewayId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    groups = [
        ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
        for name in ("client", "server")
    ]
    pair = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "UserIdGroupPairs": [{"GroupId": groups[0]}]}
    ec2.authorize_security_group_ingress(GroupId=groups[1], IpPermissions=[pair])
    refused = [
        error_code(ec2.delete_security_group, GroupId=groups[0]),
        error_code(ec2.delete_subnet, SubnetId=subnet),
        error_code(ec2.delete_route_table, RouteTableId=table),
        error_code(ec2.delete_internet_gateway, InternetGatewayId=gateway),
        error_code(ec2.detach_internet_gateway, InternetGatewayId=gateway, VpcId=vpc),
        error_code(ec2.delete_vpc, VpcId=vpc),
    ]
    in_use = error_code(ec2.release_address, AllocationId=allocation)
    ec2.delete_nat_gateway(NatGatewayId=nat)
    return (
        set(refused) == {"DependencyViolation"}
        and in_use == "InvalidIPAddress.InUse"
        and error_code(ec2.delete_subnet, SubnetId=subnet) is None
    )


def test_vpc_deletion_order(patched_only):
    patched_only("ec2.vpc_deletion_order", aws_behaviour)
