# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A NAT gateway tells its address, and holds it as long as it lives.

AWS lists a NAT gateway's addresses, shows the elastic IP as associated, refuses it for a second NAT gateway and lets go of it when
the NAT gateway is deleted. The emulator lists no address and associates none.
"""

from __future__ import annotations

import secrets

import ministack.services.ec2 as ec2


def _addresses_xml(nat):
    address = ec2._addresses.get(nat["AllocationId"])
    if not address:
        return "<natGatewayAddressSet/>"
    parts = {
        "allocationId": nat["AllocationId"],
        "publicIp": address["PublicIp"],
        "associationId": address.get("AssociationId") or "",
        "isPrimary": "true",
        "status": "succeeded",
    }
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in parts.items())
    return f"<natGatewayAddressSet><item>{inner}</item></natGatewayAddressSet>"


def _with_addresses(answer, nats):
    status, headers, body = answer
    for nat in nats:
        head, found, tail = body.decode().partition(f"<natGatewayId>{nat['NatGatewayId']}</natGatewayId>")
        body = (head + found + tail.replace("<natGatewayAddressSet/>", _addresses_xml(nat), 1)).encode()
    return status, headers, body


def apply() -> None:
    create, describe = ec2._ACTION_MAP["CreateNatGateway"], ec2._ACTION_MAP["DescribeNatGateways"]
    delete = ec2._ACTION_MAP["DeleteNatGateway"]

    def create_with_address(params):
        allocation_id = ec2._p(params, "AllocationId")
        address = ec2._addresses.get(allocation_id)
        if ec2._p(params, "SubnetId") not in ec2._subnets:
            return ec2._error(
                "InvalidSubnetID.NotFound", f"The subnet ID '{ec2._p(params, 'SubnetId')}' does not exist", 400
            )
        if allocation_id and not address:
            message = f"Elastic IP address {allocation_id} could not be found"
            return ec2._error("InvalidAllocationID.NotFound", message, 400)
        if address and address.get("AssociationId"):
            message = f"resource {allocation_id} is already associated with another resource"
            return ec2._error("Resource.AlreadyAssociated", message, 400)
        before = set(ec2._nat_gateways.keys())
        answer = create(params)
        created = [ec2._nat_gateways[nat_id] for nat_id in set(ec2._nat_gateways.keys()) - before]
        if address and created:
            address["AssociationId"] = f"eipassoc-{secrets.token_hex(9)[:17]}"
        return _with_addresses(answer, created)

    def delete_and_let_go(params):
        answer = delete(params)
        if answer[0] == 200:
            address = ec2._addresses.get(ec2._nat_gateways[ec2._p(params, "NatGatewayId")]["AllocationId"])
            if address:
                address["AssociationId"] = None
        return answer

    ec2._ACTION_MAP |= {
        "CreateNatGateway": create_with_address,
        "DescribeNatGateways": lambda params: _with_addresses(describe(params), list(ec2._nat_gateways.values())),
        "DeleteNatGateway": delete_and_let_go,
    }
