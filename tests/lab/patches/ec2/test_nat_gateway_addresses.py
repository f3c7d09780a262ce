# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code


def aws_behaviour(clients) -> bool:
    """A NAT gateway shows its address and keeps it from others while it lives."""
    ec2 = clients("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.69.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.69.0.0/24")["Subnet"]["SubnetId"]
    allocation = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=allocation)["NatGateway"]["NatGatewayId"]

    def association():
        return ec2.describe_addresses(AllocationIds=[allocation])["Addresses"][0].get("AssociationId")

    found = ec2.describe_nat_gateways(NatGatewayIds=[nat])["NatGateways"][0]["NatGatewayAddresses"]
    held = association()
    again = error_code(ec2.create_nat_gateway, SubnetId=subnet, AllocationId=allocation)
    ec2.delete_nat_gateway(NatGatewayId=nat)
    return (
        [item["AllocationId"] for item in found] == [allocation]
        and bool(held)
        and again == "Resource.AlreadyAssociated"
        and association() is None
    )


def test_nat_gateway_addresses(patched_only):
    patched_only("ec2.nat_gateway_addresses", aws_behaviour)
