# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Judge a network by what AWS says of it: which packets pass the security groups, network ACLs and route tables.

The lab enforces neither security groups nor network ACLs, so the flow matrix is proven on their read-back state. Nothing here calls
an API; `read_network.py` reads. The states are what boto3 returns.

What is modelled: security groups are stateful, network ACLs are not and apply where a packet crosses a subnet's border, the most
specific route counts, a NAT gateway sits in a public subnet whose network ACL sees the packet twice, a peering needs routes on both
sides, and a group of another region can't be named in a rule. Traffic to the VPC's resolver and its time and metadata services is
filtered by neither on AWS, and is left out.
"""

from __future__ import annotations

import dataclasses
import functools
import ipaddress
import typing as t

State = dict[str, t.Any]
# Clients choose their port from here: an answer must pass for each.
CLIENT_PORTS = (1024, 65535)
INTERNET_ADDRESS = "203.0.113.10"
PROTOCOL_NUMBERS = {"tcp": "6", "udp": "17"}


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a packet begins or ends: an interface in a subnet, an AWS service behind a gateway endpoint, or the internet."""

    label: str
    address: str
    region: str | None = None
    subnet: str | None = None
    groups: frozenset[str] = frozenset()
    prefix_list: str | None = None

    @property
    def outside(self) -> bool:
        return self.subnet is None


@dataclasses.dataclass(frozen=True)
class Route:
    """Where a subnet's route table sends a packet."""

    kind: str
    target: str = ""


def _covers(cidr: str, address: str) -> bool:
    return _network(cidr).supernet_of(_network(f"{address}/32"))


@functools.cache
def _network(cidr: str) -> ipaddress.IPv4Network:
    return ipaddress.IPv4Network(cidr)


def _in_range(rule: State, port: int) -> bool:
    return rule.get("FromPort", 0) <= port <= rule.get("ToPort", 65535)


def group_allows(permissions: t.Iterable[State], other: Place, protocol: str, port: int, *, same_vpc: bool) -> bool:
    """Whether one of a security group's rules names the other end."""
    for rule in permissions:
        if rule["IpProtocol"] not in ("-1", protocol) or (rule["IpProtocol"] != "-1" and not _in_range(rule, port)):
            continue
        pairs = {pair["GroupId"] for pair in rule.get("UserIdGroupPairs", [])} if same_vpc else set()
        lists = {item["PrefixListId"] for item in rule.get("PrefixListIds", [])}
        ranges = (item["CidrIp"] for item in rule.get("IpRanges", []))
        if pairs & other.groups or other.prefix_list in lists or any(_covers(cidr, other.address) for cidr in ranges):
            return True
    return False


def acl_allows(acl: State, egress: bool, address: str, protocol: str, port: int) -> bool:
    """What the first matching entry of a network ACL says of a packet; nothing matching means no."""
    for entry in sorted(acl["Entries"], key=lambda item: item["RuleNumber"]):
        if entry["Egress"] != egress or entry["Protocol"] not in ("-1", PROTOCOL_NUMBERS[protocol]):
            continue
        ports = entry.get("PortRange", {"From": 0, "To": 65535})
        if "CidrBlock" in entry and _covers(entry["CidrBlock"], address) and ports["From"] <= port <= ports["To"]:
            return entry["RuleAction"] == "allow"
    return False


def acl_allows_all(acl: State, egress: bool, address: str, protocol: str, ports: tuple[int, int]) -> bool:
    """Whether every port of a range passes: entries change their mind only at their edges."""
    edges = {ports[0], ports[1]}
    for entry in acl["Entries"]:
        if "PortRange" in entry:
            edges |= {entry["PortRange"]["From"], entry["PortRange"]["To"] + 1}
    inside = [port for port in edges if ports[0] <= port <= ports[1]]
    return all(acl_allows(acl, egress, address, protocol, port) for port in inside)


class Region:
    """One region's read-back state, with what evaluation looks up."""

    def __init__(self, name: str, state: State):
        self.name = name
        self.vpc = state["Vpc"]
        self.subnets = {subnet["SubnetId"]: subnet for subnet in state["Subnets"]}
        self.groups = {group["GroupId"]: group for group in state["SecurityGroups"]}
        self.acls = state["NetworkAcls"]
        self.tables = state["RouteTables"]
        self.nats = {nat["NatGatewayId"]: nat for nat in state["NatGateways"]}
        self.gateways = {gateway["InternetGatewayId"]: gateway for gateway in state["InternetGateways"]}
        self.peerings = {item["VpcPeeringConnectionId"]: item for item in state["VpcPeeringConnections"]}
        self.endpoints = {endpoint["VpcEndpointId"]: endpoint for endpoint in state["VpcEndpoints"]}
        self.prefix_lists = {
            item["PrefixListName"].removeprefix(f"com.amazonaws.{name}."): item for item in state["PrefixLists"]
        }

    def acl_of(self, subnet: str) -> State:
        for acl in self.acls:
            if any(item["SubnetId"] == subnet for item in acl["Associations"]):
                return acl
        raise LookupError(f"the subnet {subnet} has no network ACL")

    def table_of(self, subnet: str) -> State:
        def used_by(table: State, key: str, value: t.Any) -> bool:
            return any(item.get(key) == value for item in table["Associations"])

        explicit = [table for table in self.tables if used_by(table, "SubnetId", subnet)]
        return (explicit or [table for table in self.tables if used_by(table, "Main", True)])[0]

    def route(self, subnet: str, place: Place) -> Route | None:
        """The most specific living route to a place. One to a prefix list is more specific than any to a range."""
        best: tuple[int, State] | None = None
        for route in self.table_of(subnet)["Routes"]:
            if route.get("State") != "active":
                continue
            if place.prefix_list and route.get("DestinationPrefixListId") == place.prefix_list:
                length = 33
            elif "DestinationCidrBlock" in route and _covers(route["DestinationCidrBlock"], place.address):
                length = _network(route["DestinationCidrBlock"]).prefixlen
            else:
                continue
            if best is None or length > best[0]:
                best = (length, route)
        return self._target(best[1]) if best else None

    @staticmethod
    def _target(route: State) -> Route:
        gateway = route.get("GatewayId", "")
        if gateway == "local":
            return Route("local")
        if gateway.startswith("igw-"):
            return Route("internet gateway", gateway)
        if gateway.startswith("vpce-"):
            return Route("endpoint", gateway)
        if "NatGatewayId" in route:
            return Route("nat gateway", route["NatGatewayId"])
        if "VpcPeeringConnectionId" in route:
            return Route("peering", route["VpcPeeringConnectionId"])
        return Route("unknown")

    def attached(self, gateway: str) -> bool:
        attachments = self.gateways.get(gateway, {}).get("Attachments", [])
        return any(item["VpcId"] == self.vpc["VpcId"] for item in attachments)


class Evaluator:
    """Answers which packets pass between places of these regions."""

    def __init__(self, regions: dict[str, Region]):
        self.regions = regions

    def _same_vpc(self, one: Place, other: Place) -> bool:
        return one.region == other.region and not one.outside and not other.outside

    # Security groups

    def _groups_obstacles(self, source: Place, target: Place, protocol: str, port: int) -> list[str]:
        obstacles = []
        same = self._same_vpc(source, target)
        for place, other, field, verb in (
            (source, target, "IpPermissionsEgress", "does not let out"),
            (target, source, "IpPermissions", "does not let in"),
        ):
            if place.outside:
                continue
            groups = [self.regions[place.region].groups[group] for group in place.groups]
            if not any(group_allows(group[field], other, protocol, port, same_vpc=same) for group in groups):
                obstacles.append(f"security group of {place.label} {verb}")
        return obstacles

    # Network ACLs

    def _acl(self, place: Place) -> State:
        return self.regions[place.region].acl_of(place.subnet)

    def _request_acls(self, source: Place, target: Place, protocol: str, port: int) -> list[str]:
        obstacles = []
        if source.subnet == target.subnet:
            return obstacles
        if not source.outside and not acl_allows(self._acl(source), True, target.address, protocol, port):
            obstacles.append(f"network ACL of {source.label} does not let out")
        if not target.outside and not acl_allows(self._acl(target), False, source.address, protocol, port):
            obstacles.append(f"network ACL of {target.label} does not let in")
        return obstacles

    def _answer_acls(self, source: Place, target: Place, protocol: str) -> list[str]:
        obstacles = []
        if source.subnet == target.subnet:
            return obstacles
        if not target.outside and not acl_allows_all(self._acl(target), True, source.address, protocol, CLIENT_PORTS):
            obstacles.append(f"network ACL of {target.label} does not let answers out")
        if not source.outside and not acl_allows_all(self._acl(source), False, target.address, protocol, CLIENT_PORTS):
            obstacles.append(f"network ACL of {source.label} does not let answers in")
        return obstacles

    # Routes

    def _leads_to(self, source: Place, target: Place) -> str | None:
        """What keeps a packet from finding its way from one subnet to a place; None if it arrives."""
        region = self.regions[source.region]
        route = region.route(source.subnet, target)
        if route is None:
            return f"no route from {source.label} to {target.label}"
        arrives = {
            "local": lambda: self._same_vpc(source, target),
            "peering": lambda: self._peers(region, route.target, target),
            "internet gateway": lambda: target.outside and region.attached(route.target),
            "nat gateway": lambda: target.outside and region.nats.get(route.target, {}).get("State") == "available",
            "endpoint": lambda: (
                target.prefix_list is not None
                and str(region.endpoints.get(route.target, {}).get("State")).lower() == "available"
            ),
        }.get(route.kind, lambda: False)()
        return (
            None if arrives else f"the route from {source.label} to {target.label} ends at {route.kind} {route.target}"
        )

    def _peers(self, region: Region, connection_id: str, target: Place) -> bool:
        connection = region.peerings.get(connection_id)
        if target.outside or not connection or connection["Status"]["Code"] != "active":
            return False
        sides = {connection[key]["VpcId"] for key in ("RequesterVpcInfo", "AccepterVpcInfo")}
        return sides == {region.vpc["VpcId"], self.regions[target.region].vpc["VpcId"]}

    def _request_routes(self, source: Place, target: Place) -> list[str]:
        if source.outside:
            # A packet from the internet comes in by the gateway that the target's own subnet answers through.
            region = self.regions[target.region]
            route = region.route(target.subnet, source)
            if route is None or route.kind != "internet gateway" or not region.attached(route.target):
                return [f"{target.label} can't be reached from the internet"]
            return []
        obstacle = self._leads_to(source, target)
        return [obstacle] if obstacle else []

    def _answer_routes(self, source: Place, target: Place) -> list[str]:
        if source.outside or target.outside:
            return []
        obstacle = self._leads_to(target, source)
        return [obstacle] if obstacle else []

    def _nat_obstacles(self, source: Place, target: Place, protocol: str, port: int) -> list[str]:
        """A NAT gateway's subnet: in from the source, out to the internet, and the same back."""
        if source.outside or not target.outside:
            return []
        region = self.regions[source.region]
        route = region.route(source.subnet, target)
        if route is None or route.kind != "nat gateway" or route.target not in region.nats:
            return []
        gateway = Place("the NAT gateway", INTERNET_ADDRESS, region.name, region.nats[route.target]["SubnetId"])
        acl = self._acl(gateway)
        passes = {
            "does not let in": acl_allows(acl, False, source.address, protocol, port),
            "does not let out": acl_allows(acl, True, target.address, protocol, port),
            "does not let answers in": acl_allows_all(acl, False, target.address, protocol, CLIENT_PORTS),
            "does not let answers out": acl_allows_all(acl, True, source.address, protocol, CLIENT_PORTS),
        }
        obstacles = [f"network ACL of {gateway.label} {verb}" for verb, passed in passes.items() if not passed]
        onward = region.route(gateway.subnet, target)
        if onward is None or onward.kind != "internet gateway" or not region.attached(onward.target):
            obstacles.append(f"{gateway.label} has no route to the internet")
        return obstacles

    # Verdicts

    def request_obstacles(self, source: Place, target: Place, protocol: str, port: int) -> list[str]:
        """What keeps the first packet from arriving. Empty: it arrives, whether or not an answer would."""
        return (
            self._groups_obstacles(source, target, protocol, port)
            + self._request_acls(source, target, protocol, port)
            + self._request_routes(source, target)
        )

    def reaches(self, source: Place, target: Place, protocol: str, port: int) -> bool:
        """Whether the first packet arrives. Asks no further once something stands in its way."""
        ways = (self._groups_obstacles, self._request_acls)
        if any(way(source, target, protocol, port) for way in ways):
            return False
        return not self._request_routes(source, target)

    def obstacles(self, source: Place, target: Place, protocol: str, port: int) -> list[str]:
        """What keeps a conversation from working. Empty: request and answers pass, whichever port the client uses."""
        return (
            self.request_obstacles(source, target, protocol, port)
            + self._nat_obstacles(source, target, protocol, port)
            + self._answer_acls(source, target, protocol)
            + self._answer_routes(source, target)
        )
