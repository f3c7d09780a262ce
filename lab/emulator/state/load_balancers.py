# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Find the current region's load balancers, with their addresses and names."""

from __future__ import annotations

from collections.abc import Iterator

import ministack.services.alb as alb
import ministack.services.ec2 as ec2


def occupants() -> Iterator[dict]:
    """Yield the addresses of the current region's load balancers, for the routers of their VPCs."""
    for _balancer, interface in placed():
        yield {"network": interface["VpcId"], "address": interface["PrivateIpAddress"]}


def hosts() -> dict[str, dict]:
    """Return the names of the current region's load balancers, each with its `address` and the `network` that it stands in."""
    return {
        balancer["DNSName"].lower(): {"address": interface["PrivateIpAddress"], "network": interface["VpcId"]}
        for balancer, interface in placed()
    }


def placed() -> Iterator[tuple[dict, dict]]:
    """Application load balancers with the interface that has their address: that of their first subnet."""
    for balancer in alb._lbs.values():
        interfaces = balancer.get("_interfaces", {})
        first = ec2._network_interfaces.get(interfaces.get(next(iter(balancer["Subnets"]), ""), ""))
        if first and balancer["Type"] == "application":
            yield balancer, first
