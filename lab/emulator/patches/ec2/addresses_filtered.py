# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""DescribeAddresses filters by tag and by what an address is associated with, and by PublicIp.

The emulator returns every address of the region, so that a lookup by tag finds another tier's address.
"""

from __future__ import annotations

import ministack.services.ec2 as ec2

_FILTERS = {
    "allocation-id": "AllocationId",
    "association-id": "AssociationId",
    "domain": "Domain",
    "instance-id": "InstanceId",
    "network-interface-id": "NetworkInterfaceId",
    "public-ip": "PublicIp",
}


def _matches(address, filters):
    if not ec2._resource_matches_tag_filters(address["AllocationId"], filters):
        return False
    return all((address.get(key) or "") in filters[name] for name, key in _FILTERS.items() if name in filters)


def apply() -> None:
    describe = ec2._ACTION_MAP["DescribeAddresses"]

    def describe_filtered(params):
        filters, ips = ec2._parse_filters(params), ec2._parse_member_list(params, "PublicIp")
        asked = ec2._parse_member_list(params, "AllocationId")
        known = {address["PublicIp"] for address in ec2._addresses.values()}
        for ip in ips:
            if ip not in known:
                return ec2._error("InvalidAddress.NotFound", f"Address '{ip}' not found.", 400)
        found = [
            address["AllocationId"]
            for address in ec2._addresses.values()
            if (not asked or address["AllocationId"] in asked)
            and (not ips or address["PublicIp"] in ips)
            and _matches(address, filters)
        ]
        if not found:
            return ec2._xml(200, "DescribeAddressesResponse", "<addressesSet/>")
        return describe({f"AllocationId.{n}": [allocation_id] for n, allocation_id in enumerate(found, 1)})

    ec2._ACTION_MAP["DescribeAddresses"] = describe_filtered
