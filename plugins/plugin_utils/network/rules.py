# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Derive security group rules and network ACL entries from the flow matrix."""

from __future__ import annotations

import dataclasses
import ipaddress
import typing as t

from ansible.errors import AnsibleFilterError

ANYWHERE = "0.0.0.0/0"
INTERNET = "internet"
GATEWAY_SERVICES = ("s3", "dynamodb")
# Clients choose their port from here: Linux from 32768, a NAT gateway and a load balancer from 1024.
EPHEMERAL = (1024, 65535)
# AWS's quota of entries a direction, unless it was raised.
NACL_ENTRIES = 20
FIRST_NUMBER = 100
NUMBER_STEP = 10


@dataclasses.dataclass(frozen=True)
class Flow:
    """A flow from one source to one destination on one port range."""

    source: str
    target: str
    protocol: str
    ports: tuple[int, int]
    peering: bool
    why: str


@dataclasses.dataclass(frozen=True)
class Entry:
    """An allow entry of a network ACL, before it has a number."""

    subnet_class: str
    egress: bool
    cidr: str
    protocol: str
    ports: tuple[int, int]

    def covers(self, other: Entry) -> bool:
        return (
            (self.subnet_class, self.egress) == (other.subnet_class, other.egress)
            and self.protocol in ("all", other.protocol)
            and self.ports[0] <= other.ports[0]
            and self.ports[1] >= other.ports[1]
            and ipaddress.IPv4Network(other.cidr).subnet_of(ipaddress.IPv4Network(self.cidr))
        )


def _ports(ports: t.Any) -> tuple[int, int]:
    first, _dash, last = str(ports).partition("-")
    try:
        pair = int(first), int(last or first)
    except ValueError:
        pair = (0, 0)
    if not 1 <= pair[0] <= pair[1] <= 65535:
        raise AnsibleFilterError(f"network_rules: {ports!r} is no port (443) and no port range (8000-8099)")
    return pair


def _check(matrix: dict[str, t.Any], flow: Flow) -> Flow:
    tiers, name = matrix["tiers"], f"the flow from {flow.source} to {flow.target}"
    places = (*tiers, INTERNET, *GATEWAY_SERVICES)
    for place in (flow.source, flow.target):
        if place not in places:
            raise AnsibleFilterError(f"network_rules: {name} names {place}, which is none of {', '.join(places)}")
    if flow.source in GATEWAY_SERVICES or (flow.source not in tiers and flow.target not in tiers):
        raise AnsibleFilterError(f"network_rules: {name} begins nowhere in the VPC, and only the internet may")
    if flow.peering and not (flow.source in tiers and flow.target in tiers):
        raise AnsibleFilterError(f"network_rules: {name} uses the peering, so both must be tiers")
    inside = flow.target if flow.source == INTERNET else flow.source
    if INTERNET in (flow.source, flow.target):
        internet = matrix["classes"][tiers[inside]["class"]]["internet"]
        if internet == "none" or (flow.source == INTERNET and internet != "gateway"):
            raise AnsibleFilterError(f"network_rules: {name} is impossible: the subnets of {inside} have no such route")
    return flow


def flows_of(matrix: dict[str, t.Any]) -> list[Flow]:
    """Return the matrix's flows one by one, checked."""
    for name, tier in matrix["tiers"].items():
        if tier["class"] not in matrix["classes"]:
            raise AnsibleFilterError(f"network_rules: the tier {name} is in the unknown subnet class {tier['class']}")
    return [
        _check(
            matrix,
            Flow(
                source,
                target,
                flow.get("protocol", "tcp"),
                _ports(ports),
                bool(flow.get("peering")),
                flow.get("why", ""),
            ),
        )
        for flow in matrix["flows"]
        for source in flow["from"]
        for target in flow["to"]
        for ports in flow["ports"]
    ]


def _target(place: str) -> list[tuple[str, str]]:
    if place == INTERNET:
        return [("cidr", ANYWHERE)]
    if place in GATEWAY_SERVICES:
        return [("prefix_list", place)]
    return [("group", place)]


def _security_groups(
    matrix: dict[str, t.Any], flows: list[Flow], peers: list[dict[str, str]]
) -> dict[str, dict[str, list[dict[str, t.Any]]]]:
    tiers = matrix["tiers"]
    rules: dict[str, dict[str, list[dict[str, t.Any]]]] = {tier: {"ingress": [], "egress": []} for tier in tiers}

    def add(tier: str, direction: str, flow: Flow, targets: list[tuple[str, str]]) -> None:
        for kind, target in targets:
            rule = {
                "protocol": flow.protocol,
                "from_port": flow.ports[0],
                "to_port": flow.ports[1],
                "kind": kind,
                "target": target,
                "description": flow.why,
            }
            same = {key: rule[key] for key in ("protocol", "from_port", "to_port", "kind", "target")}
            if not any(same.items() <= known.items() for known in rules[tier][direction]):
                rules[tier][direction].append(rule)

    for flow in flows:
        if flow.peering:
            # A rule can't name a group of another region: it names the range of its subnets.
            add(flow.source, "egress", flow, [("cidr", peer[tiers[flow.target]["class"]]) for peer in peers])
            add(flow.target, "ingress", flow, [("cidr", peer[tiers[flow.source]["class"]]) for peer in peers])
            continue
        if flow.source in tiers:
            add(flow.source, "egress", flow, _target(flow.target))
        if flow.target in tiers:
            add(flow.target, "ingress", flow, _target(flow.source))
    return rules


def _both_ways(near: str, far: str, flow: Flow, outward: bool) -> list[Entry]:
    """Return the entries that a class needs for a flow to (outward) or from an address range, and for its responses."""
    return [
        Entry(near, outward, far, flow.protocol, flow.ports),
        Entry(near, not outward, far, flow.protocol, EPHEMERAL),
    ]


def _entries(matrix: dict[str, t.Any], own: dict[str, str], peers: list[dict[str, str]], flow: Flow) -> list[Entry]:
    tiers, classes = matrix["tiers"], matrix["classes"]
    source = tiers[flow.source]["class"] if flow.source in tiers else None
    target = tiers[flow.target]["class"] if flow.target in tiers else None
    if flow.peering:
        return [
            entry
            for peer in peers
            for entry in _both_ways(source, peer[target], flow, True) + _both_ways(target, peer[source], flow, False)
        ]
    if source and target:
        return _both_ways(source, own[target], flow, True) + _both_ways(target, own[source], flow, False)
    if target:
        return _both_ways(target, ANYWHERE, flow, False)
    entries = _both_ways(source, ANYWHERE, flow, True)
    if flow.target == INTERNET and classes[source]["internet"] == "nat":
        # The NAT gateway is in a public subnet: the source connects to it, and it connects to the internet.
        gateway = next(name for name, values in classes.items() if values["internet"] == "gateway")
        entries += _both_ways(gateway, own[source], flow, False) + _both_ways(gateway, ANYWHERE, flow, True)
    return entries


def _prune(entries: list[Entry]) -> list[Entry]:
    """Return the entries in a fixed order, without those that another entry covers."""
    unique = sorted(set(entries), key=lambda entry: (entry.protocol != "all", entry.cidr, entry.protocol, entry.ports))
    return [entry for entry in unique if not any(other != entry and other.covers(entry) for other in unique)]


def _number(allow_near: list[Entry], deny: list[str], allow_far: list[Entry]) -> list[list[t.Any]]:
    def row(entry: Entry) -> list[t.Any]:
        ports = [None, None] if entry.protocol == "all" else list(entry.ports)
        return [entry.protocol, "allow", entry.cidr, None, None, *ports]

    rows = [row(entry) for entry in allow_near]
    if allow_far:
        # An allow entry for the internet would otherwise open the class to the rest of the platform as well.
        rows += [["all", "deny", cidr, None, None, None, None] for cidr in deny]
        rows += [row(entry) for entry in allow_far]
    return [[FIRST_NUMBER + position * NUMBER_STEP, *values] for position, values in enumerate(rows)]


def _network_acls(
    matrix: dict[str, t.Any], flows: list[Flow], own: dict[str, str], peers: list[dict[str, str]], ranges: list[str]
) -> dict[str, dict[str, list[list[t.Any]]]]:
    entries = [entry for flow in flows for entry in _entries(matrix, own, peers, flow)]
    for name, values in matrix["classes"].items():
        if values["open_within"]:
            entries += [Entry(name, egress, own[name], "all", (0, 65535)) for egress in (False, True)]
    acls: dict[str, dict[str, list[list[t.Any]]]] = {}
    for name in matrix["classes"]:
        acls[name] = {}
        for direction, egress in (("ingress", False), ("egress", True)):
            here = [entry for entry in entries if (entry.subnet_class, entry.egress) == (name, egress)]
            rows = _number(
                _prune([entry for entry in here if entry.cidr != ANYWHERE]),
                ranges,
                _prune([entry for entry in here if entry.cidr == ANYWHERE]),
            )
            if len(rows) > NACL_ENTRIES:
                raise AnsibleFilterError(
                    f"network_rules: the {direction} of the {name} subnets needs {len(rows)} network ACL entries, and AWS "
                    f"takes {NACL_ENTRIES}: join ports to ranges in the flow matrix"
                )
            acls[name][direction] = rows
    return acls


def network_rules(
    matrix: dict[str, t.Any], cidr: str, classes: dict[str, str], peers: t.Sequence[dict[str, t.Any]] = ()
) -> dict[str, t.Any]:
    """Return security group rules by tier and network ACL entries by subnet class for a flow matrix."""
    flows = flows_of(matrix)
    far = [peer["classes"] for peer in peers]
    ranges = [cidr, *(peer["cidr"] for peer in peers)]
    return {
        "security_groups": _security_groups(matrix, flows, far),
        "network_acls": _network_acls(matrix, flows, classes, far, ranges),
    }
