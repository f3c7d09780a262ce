# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Realize a VPC's router: a network namespace that every instance of the VPC has a link to, and nothing else has.

Each instance has a route to itself, and the router answers for the others in its subnet (proxy ARP), as EC2's mapping service
does: all traffic passes the router. The machine outside has no link to it, so it reaches no instance, and no instance reaches it.
"""

from __future__ import annotations

import ipaddress
import json
from pathlib import Path

from lab.runtime.shell import batch, run, tried
from lab.runtime.vpc import names
from lab.runtime.vpc.endpoints import METADATA, RESOLVER
from lab.runtime.vpc.model import Instance, Network, Peering

# Where ip(8) keeps them.
NAMESPACES = Path("/run/netns")

_SETTINGS = {
    "ipv4/ip_forward": 1,
    "ipv4/conf/all/proxy_arp": 1,
    # What leads nowhere is refused each time, not once a second.
    "ipv4/icmp_ratelimit": 0,
    # Nobody sends from an address that is not theirs: the metadata service tells instances apart by it.
    "ipv4/conf/all/rp_filter": 1,
    "ipv4/conf/default/rp_filter": 1,
}

# Between routers, where only routers see them (RFC 6598, the range of shared address space).
_PEERING_RANGE = ipaddress.IPv4Network("100.64.0.0/10")


def ensure(home: Path, network: Network, endpoint_addresses: list[str]) -> str:
    """Make the router unless it is there; returns its namespace."""
    space = names.namespace(home, network.network_id)
    if space not in namespaces(home):
        run("ip", "netns", "add", space)
    settings = "; ".join(f"echo {value} >/proc/sys/net/{name}" for name, value in _SETTINGS.items())
    run("ip", "netns", "exec", space, "sh", "-ec", settings)
    own = [METADATA, RESOLVER, network.resolver, *endpoint_addresses]
    lines = ["link set lo up", *(f"address replace {address}/32 dev lo" for address in own)]
    batch([*lines, f"route replace unreachable {network.cidr}"], "ip", "netns", "exec", space)
    return space


def namespaces(home: Path) -> list[str]:
    """Return the namespaces of this lab's routers."""
    listed = json.loads(run("ip", "-json", "netns", "list") or "[]")
    return [item["name"] for item in listed if item["name"].startswith(names.namespace_prefix(home))]


def remove(space: str) -> None:
    """Remove a router, and with it every link to it."""
    tried("ip", "netns", "delete", space)


def connect(home: Path, instance: Instance, pid: int) -> None:
    """Link the container with the process `pid` to the router; nothing where it is linked."""
    space, link = names.namespace(home, instance.network), names.instance_link(instance.instance_id)
    into = ("nsenter", f"--net=/proc/{pid}/ns/net")
    if tried(*into, "ip", "link", "show", "eth0") is None:
        tried("ip", "-netns", space, "link", "delete", link)  # of a container of before
        run("ip", "link", "add", link, "netns", space, "type", "veth", "peer", "name", "eth0", "netns", str(pid))
    batch(
        [
            f"link set {link} up",
            f"address replace {instance.gateway}/32 dev lo",
            f"route replace {instance.address}/32 dev {link}",
        ],
        *("ip", "netns", "exec", space),
    )
    # Answered for a neighbour as fast as the neighbour would.
    run("ip", "netns", "exec", space, "sh", "-ec", f"echo 0 >/proc/sys/net/ipv4/neigh/{link}/proxy_delay")
    batch(
        [
            f"link set eth0 address {instance.mac}",
            f"address replace {instance.address}/{instance.prefix_length} dev eth0",
            "link set eth0 up",
            f"route replace default via {instance.gateway} dev eth0",
        ],
        *into,
    )
    # A try from this machine fails at once, and never goes out to a stranger's machine with that address.
    run("ip", "route", "replace", "unreachable", f"{instance.address}/32", *_route_mark(home))


def cut(home: Path, instance: Instance) -> None:
    """Take the line down until `connect` is called again."""
    space = names.namespace(home, instance.network)
    tried("ip", "-netns", space, "link", "set", names.instance_link(instance.instance_id), "down")


def disconnect(home: Path, address: str) -> None:
    """Take back what `connect` left on this machine; the link itself ends with the container."""
    tried("ip", "route", "delete", "unreachable", f"{address}/32", *_route_mark(home))


def marked_addresses(home: Path) -> list[str]:
    """Return the addresses that this machine has a route of this lab for."""
    listed = json.loads(run("ip", "-json", "route", "show", "proto", names.ROUTE_PROTOCOL) or "[]")
    return [route["dst"] for route in listed if str(route.get("metric")) == names.route_metric(home)]


def peer(home: Path, peering: Peering, sides: tuple[Network, Network]) -> None:
    """Join two routers, each with a route to the other's range."""
    link = names.peering_link(peering.peering_id)
    one, other = (names.namespace(home, side.network_id) for side in sides)
    first = _PEERING_RANGE[0] + 4 * (int(peering.peering_id[-5:], 16))
    ends = [(one, first + 1, first + 2, sides[1].cidr), (other, first + 2, first + 1, sides[0].cidr)]
    if tried("ip", "-netns", one, "link", "show", link) is None:
        run("ip", "link", "add", link, "netns", one, "type", "veth", "peer", "name", link, "netns", other)
    for space, own, next_hop, cidr in ends:
        lines = [f"address replace {own}/30 dev {link}", f"link set {link} up"]
        batch([*lines, f"route replace {cidr} via {next_hop} dev {link}"], "ip", "netns", "exec", space)


def unpeer(home: Path, peering: Peering) -> None:
    """Part two routers."""
    for side in peering.sides:
        space = names.namespace(home, side)
        tried("ip", "-netns", space, "link", "delete", names.peering_link(peering.peering_id))


def _route_mark(home: Path) -> tuple[str, ...]:
    return ("proto", names.ROUTE_PROTOCOL, "metric", names.route_metric(home))
