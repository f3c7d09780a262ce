# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Divide a region's address range into subnets."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible.errors import AnsibleFilterError

LONGEST_PREFIX = 20
MOST_ZONES = 4


def _network(cidr: str) -> ipaddress.IPv4Network:
    try:
        network = ipaddress.IPv4Network(cidr)
    except (ValueError, TypeError) as error:
        raise AnsibleFilterError(
            f"network_layout: {cidr!r} is no IPv4 address range such as 10.10.0.0/16: {error}"
        ) from error
    if not 16 <= network.prefixlen <= LONGEST_PREFIX:
        raise AnsibleFilterError(
            f"network_layout: {cidr} is a /{network.prefixlen}; a VPC takes /16 to /28, and its subnets fit into "
            f"/16 to /{LONGEST_PREFIX}"
        )
    return network


def network_layout(cidr: str, zones: t.Sequence[str] = ()) -> dict[str, t.Any]:
    """Divide a VPC's range into the ranges of its subnet classes, and those into one subnet a zone.

    The first quarter is the private class; of the second quarter's four parts the first is public, the second data. Each
    class has room for four zones, and half of the VPC stays free.
    """
    network = _network(cidr)
    if len(zones) > MOST_ZONES:
        raise AnsibleFilterError(f"network_layout: room for {MOST_ZONES} zones, got {len(zones)}")
    quarters = list(network.subnets(prefixlen_diff=2))
    parts = list(quarters[1].subnets(prefixlen_diff=2))
    classes = {"public": parts[0], "private": quarters[0], "data": parts[1]}
    subnets = [
        {"class": name, "zone": zone, "cidr": str(subnet)}
        for name, block in classes.items()
        for zone, subnet in zip(zones, block.subnets(prefixlen_diff=2), strict=False)
    ]
    return {"classes": {name: str(block) for name, block in classes.items()}, "subnets": subnets}
