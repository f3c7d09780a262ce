# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Create network interfaces, and choose their addresses."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Iterator

import ministack.services.ec2 as ec2


def taken(subnet_id: str) -> set[str]:
    """Return the addresses of a subnet that somebody has."""
    return {
        interface["PrivateIpAddress"]
        for interface in ec2._network_interfaces.values()
        if interface["SubnetId"] == subnet_id
    }


def free(subnet: dict) -> Iterator[str]:
    """Yield the subnet's free addresses: the first four and the last are AWS's own."""
    network, used = ipaddress.IPv4Network(subnet["CidrBlock"]), taken(subnet["SubnetId"])
    addresses = (network.network_address + offset for offset in range(4, network.num_addresses - 1))
    return (str(address) for address in addresses if str(address) not in used)


def create(subnet: dict, address: str, groups: list[dict], description: str = "") -> str:
    """Create an interface in a subnet; returns its id."""
    interface_id = f"eni-{secrets.token_hex(9)[:17]}"
    ec2._network_interfaces[interface_id] = {
        "NetworkInterfaceId": interface_id,
        "SubnetId": subnet["SubnetId"],
        "VpcId": subnet["VpcId"],
        "AvailabilityZone": subnet["AvailabilityZone"],
        "Description": description,
        "OwnerId": ec2.get_account_id(),
        "Status": "in-use",
        "PrivateIpAddress": address,
        "InterfaceType": "interface",
        "SourceDestCheck": True,
        "MacAddress": f"0a:{':'.join(secrets.token_hex(5)[n : n + 2] for n in range(0, 10, 2))}",
        "Groups": groups,
        "Attachment": None,
    }
    return interface_id
