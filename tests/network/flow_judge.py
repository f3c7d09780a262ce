# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Hold read-back networks against the flow matrix: every flow in it works, every other one is refused.

The ports that are tried are all at which any rule in the state changes its mind, so that between them nothing can hide.
"""

from __future__ import annotations

import ipaddress
import itertools
import typing as t

from tests.network.flow_evaluator import INTERNET_ADDRESS, Evaluator, Place, Region

GATEWAY_SERVICES = ("s3", "dynamodb")
PROTOCOLS = ("tcp", "udp")
ALWAYS = {22, 53, 80, 443, 1023, 1024, 3389, 65535}


def ports_to_try(regions: t.Iterable[Region], matrix: dict[str, t.Any]) -> list[int]:
    """Both sides of every edge in the state's rules, and what an intruder would try first."""
    edges = set(ALWAYS)
    for region in regions:
        for group in region.groups.values():
            for rule in [*group["IpPermissions"], *group["IpPermissionsEgress"]]:
                if rule.get("FromPort") is not None:
                    edges |= {rule["FromPort"] - 1, rule["FromPort"], rule["ToPort"], rule["ToPort"] + 1}
        for acl in region.acls:
            for entry in acl["Entries"]:
                ports = entry.get("PortRange")
                if ports:
                    edges |= {ports["From"] - 1, ports["From"], ports["To"], ports["To"] + 1}
    for flow in matrix["flows"]:
        for ports in flow["ports"]:
            first, _dash, last = str(ports).partition("-")
            edges |= {int(first), int(last or first)}
    return sorted(port for port in edges if 1 <= port <= 65535)


def _has_port(flow: dict[str, t.Any], port: int) -> bool:
    for ports in flow["ports"]:
        first, _dash, last = str(ports).partition("-")
        if int(first) <= port <= int(last or first):
            return True
    return False


def wanted(matrix: dict[str, t.Any], source: str, target: str, peering: bool, protocol: str, port: int) -> bool:
    """Whether the matrix has this flow."""
    for flow in matrix["flows"]:
        targets = set(flow["to"])
        # Who may go anywhere on the internet may also go to AWS's public addresses there.
        if "internet" in targets:
            targets |= set(GATEWAY_SERVICES)
        if (
            source in flow["from"]
            and target in targets
            and bool(flow.get("peering")) == peering
            and flow.get("protocol", "tcp") == protocol
            and _has_port(flow, port)
        ):
            return True
    return False


def _address(cidr: str) -> str:
    return str(ipaddress.IPv4Network(cidr)[10])


def places_of(region: Region, matrix: dict[str, t.Any], name: str) -> dict[str, list[Place]]:
    """A place a tier and subnet, and the services behind gateway endpoints."""
    groups = {group["GroupName"]: group["GroupId"] for group in region.groups.values()}
    names = {
        subnet_id: next((tag["Value"] for tag in subnet["Tags"] if tag["Key"] == "Name"), "")
        for subnet_id, subnet in region.subnets.items()
    }
    places = {
        tier: [
            Place(
                label=f"{region.name} {tier}",
                address=_address(region.subnets[subnet_id]["CidrBlock"]),
                region=region.name,
                subnet=subnet_id,
                groups=frozenset({groups[f"{name}-{tier}"]}),
            )
            for subnet_id, subnet_name in sorted(names.items(), key=lambda item: item[1])
            if subnet_name.startswith(f"{name}-{values['class']}-")
        ]
        for tier, values in matrix["tiers"].items()
    }
    for service in GATEWAY_SERVICES:
        found = region.prefix_lists[service]
        places[service] = [Place(service, _address_of_list(found), prefix_list=found["PrefixListId"])]
    places["internet"] = [Place("internet", INTERNET_ADDRESS)]
    return places


def _address_of_list(prefix_list: dict[str, t.Any]) -> str:
    return str(ipaddress.IPv4Network(prefix_list["Cidrs"][0])[1])


class Judge:
    """Finds what differs between the networks and the matrix."""

    def __init__(self, states: dict[str, dict[str, t.Any]], names: dict[str, str], matrix: dict[str, t.Any]):
        self.regions = {name: Region(name, state) for name, state in states.items()}
        self.matrix = matrix
        self.evaluator = Evaluator(self.regions)
        self.places = {name: places_of(region, matrix, names[name]) for name, region in self.regions.items()}
        self.ports = ports_to_try(self.regions.values(), matrix)
        self.judged = 0

    def _pairs(self) -> t.Iterator[tuple[str, str, str, str, bool]]:
        """Source's region and tier, target's region and tier, and whether the two are in different regions."""
        tiers = list(self.matrix["tiers"])
        for here in self.regions:
            for source in tiers:
                for target in [*tiers, *GATEWAY_SERVICES, "internet"]:
                    yield here, source, here, target, False
            for target in tiers:
                yield here, "internet", here, target, False
            for there in self.regions:
                if there != here:
                    for source, target in itertools.product(tiers, tiers):
                        yield here, source, there, target, True

    def _judge(self, pair: tuple[str, str, str, str, bool], protocol: str, port: int) -> str | None:
        here, source, there, target, peering = pair
        name = f"{here} {source} -> {there + ' ' if peering else ''}{target} {protocol}/{port}"
        expected = wanted(self.matrix, source, target, peering, protocol, port)
        for one, other in itertools.product(self.places[here][source], self.places[there][target]):
            self.judged += 1
            if expected:
                obstacles = self.evaluator.obstacles(one, other, protocol, port)
                if obstacles:
                    return f"blocked: {name}: {'; '.join(obstacles)}"
            elif self.evaluator.reaches(one, other, protocol, port):
                return f"too open: {name}"
        return None

    def problems(self) -> list[str]:
        """One line a flow that doesn't do what the matrix says."""
        found = [
            self._judge(pair, protocol, port) for pair in self._pairs() for protocol in PROTOCOLS for port in self.ports
        ]
        return [problem for problem in found if problem]
