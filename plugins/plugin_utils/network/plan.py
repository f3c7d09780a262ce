# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Compare a network blueprint with what was read, and plan the changes."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

Item = dict[str, t.Any]

_GONE = {"deleted", "deleting", "failed", "rejected", "expired"}


def _tags(resource: Item) -> dict[str, str]:
    """Return tags as a dictionary, whichever way an info module returns them."""
    tags = resource.get("tags") or {}
    return tags if isinstance(tags, dict) else {tag["key"]: tag["value"] for tag in tags}


def _name(resource: Item) -> str:
    return _tags(resource).get("Name", "")


def _live(resource: Item) -> bool:
    return str(resource.get("state", "available")).lower() not in _GONE


def _lacking_tags(wanted: Item, found: Item) -> list[str]:
    tags = _tags(found)
    return ["tags"] if any(tags.get(key) != value for key, value in wanted["tags"].items()) else []


class _Plan:
    """Compare a blueprint with what was read; `ids` are the IDs of what exists, by name."""

    def __init__(self, blueprint: Item, read: Item):
        self.blueprint = blueprint
        self.vpc = self._only_vpc(read["vpcs"])
        self.read = {kind: [item for item in items if _live(item)] for kind, items in read.items()}
        self.prefix_lists = self._prefix_lists()
        self.todo: dict[str, list[Item]] = {}
        self.surplus: dict[str, list[Item]] = {}
        self.changes: list[Item] = []

    def _only_vpc(self, found: list[Item]) -> Item | None:
        wanted = self.blueprint["vpc"]
        if len(found) > 1:
            raise AnsibleFilterError(
                f"{len(found)} VPCs are named {wanted['name']}: {', '.join(vpc['vpc_id'] for vpc in found)}. Remove the Name tag "
                "of those that aren't this platform's."
            )
        if found and found[0]["cidr_block"] != wanted["cidr"]:
            raise AnsibleFilterError(
                f"The VPC {found[0]['vpc_id']} ({wanted['name']}) has the range {found[0]['cidr_block']}, and the settings say "
                f"{wanted['cidr']}. AWS can't change it: set the region's cidr back, or destroy this region's network first."
            )
        return found[0] if found else None

    def _prefix_lists(self) -> dict[str, str]:
        """Return the IDs of the gateway endpoints' prefix lists: route tables name them beside the endpoint."""
        services = {item["vpc_endpoint_id"]: item["service_name"].rsplit(".", 1)[-1] for item in self.read["endpoints"]}
        return {
            services[route["gateway_id"]]: route["destination_prefix_list_id"]
            for table in self.read["route_tables"]
            for route in table["routes"]
            if route.get("destination_prefix_list_id") and route.get("gateway_id") in services
        }

    def ids(self) -> dict[str, dict[str, str]]:
        keys = {
            "internet_gateways": "internet_gateway_id",
            "subnets": "subnet_id",
            "addresses": "allocation_id",
            "nat_gateways": "nat_gateway_id",
            "route_tables": "route_table_id",
            "network_acls": "nacl_id",
        }
        ids = {kind: {_name(item): item[key] for item in self.read[kind] if _name(item)} for kind, key in keys.items()}
        ids["route_tables"] = {name: table["route_table_id"] for name, table in self._tables().items()}
        ids["security_groups"] = {item["group_name"]: item["group_id"] for item in self.read["security_groups"]}
        return ids

    def _tables(self) -> dict[str, Item]:
        """Return route tables by name; of two under one name (after an interrupted run), the one with more subnets."""
        ordered = sorted(self.read["route_tables"], key=lambda table: len(table["associations"]))
        return {_name(table): table for table in ordered if _name(table)}

    def note(self, kind: str, item: Item, found: Item | None, differences: list[str]) -> None:
        """Add an item to what has to be done, if anything differs."""
        if found is not None and not differences:
            return
        action = "update" if found is not None else "create"
        self.todo.setdefault(kind, []).append(item | {"action": action, "differences": differences})
        self._say(action, kind, item["name"], differences)

    def _say(self, action: str, kind: str, name: str, differences: t.Sequence[str] = ()) -> None:
        label = kind.removesuffix("s").replace("_", " ").replace("addresse", "address")
        detail = f" ({', '.join(differences)})" if differences else ""
        self.changes.append({"action": action, "resource": f"{label} {name}{detail}"})

    def drop(self, kind: str, items: list[Item], key: str) -> None:
        for item in items:
            self.surplus.setdefault(kind, []).append({"name": _name(item), "id": item[key]})
            self._say("delete", kind, f"{_name(item)} {item[key]}")

    # One method for each kind of resource

    def compare_vpc(self) -> None:
        wanted, found = self.blueprint["vpc"], self.vpc
        differences = []
        if found:
            differences = [key for key in ("enable_dns_support", "enable_dns_hostnames") if not found.get(key)]
            differences += _lacking_tags(wanted, found)
        self.note("vpcs", wanted, found, differences)

    def compare_internet_gateway(self) -> None:
        wanted = self.blueprint["internet_gateway"]
        found = next((item for item in self.read["internet_gateways"] if _name(item) == wanted["name"]), None)
        differences = []
        if found:
            attached = [attachment["vpc_id"] for attachment in found["attachments"]]
            if not self.vpc or attached != [self.vpc["vpc_id"]]:
                differences.append("attachment")
            differences += _lacking_tags(wanted, found)
        self.note("internet_gateways", wanted | {"id": (found or {}).get("internet_gateway_id")}, found, differences)

    def compare_subnets(self) -> None:
        by_cidr = {subnet["cidr_block"]: subnet for subnet in self.read["subnets"]}
        for wanted in self.blueprint["subnets"]:
            found = by_cidr.get(wanted["cidr"])
            if found and found["availability_zone"] != wanted["zone"]:
                raise AnsibleFilterError(
                    f"The subnet {found['subnet_id']} ({wanted['cidr']}) is in {found['availability_zone']}, and "
                    f"{wanted['name']} belongs to {wanted['zone']}: AWS can't move it. Check network_zones."
                )
            differences = []
            if found:
                differences = ["public addresses"] if found["map_public_ip_on_launch"] else []
                differences += _lacking_tags(wanted, found)
            entry = {key: wanted[key] for key in ("name", "cidr", "zone", "tags")}
            self.note("subnets", wanted | {"entry": entry}, found, differences)

    def compare_by_name(self, kind: str) -> None:
        by_name = {_name(item): item for item in self.read[kind]}
        for wanted in self.blueprint[kind]:
            found = by_name.get(wanted["name"])
            self.note(kind, wanted, found, _lacking_tags(wanted, found) if found else [])

    def _wanted_routes(self, table: Item, found: Item) -> dict[str, str | None]:
        ids = self.ids()
        kinds = {"nat": "nat_gateways", "internet": "internet_gateways"}
        routes = {route["destination"]: ids[kinds[route["kind"]]].get(route["target"]) for route in table["routes"]}
        # The links phase adds the routes to the peers: they stay.
        for route in found["routes"]:
            pcx = route.get("vpc_peering_connection_id")
            if (
                pcx
                and route.get("state") == "active"
                and route["destination_cidr_block"] in self.blueprint["peer_cidrs"]
            ):
                routes[route["destination_cidr_block"]] = pcx
        return routes

    @staticmethod
    def _found_routes(found: Item) -> dict[str, str | None]:
        targets = ("nat_gateway_id", "vpc_peering_connection_id", "gateway_id", "transit_gateway_id", "instance_id")
        return {
            route["destination_cidr_block"]: next((route[key] for key in targets if route.get(key)), None)
            for route in found["routes"]
            if route.get("destination_cidr_block") and route.get("origin") == "CreateRoute"
        }

    def compare_route_tables(self) -> None:
        subnets, tables = self.ids()["subnets"], self._tables()
        for wanted in self.blueprint["route_tables"]:
            found = tables.get(wanted["name"])
            differences: list[str] = []
            kept: dict[str, str] = {}
            if found:
                routes, there = self._wanted_routes(wanted, found), self._found_routes(found)
                differences += ["routes"] if routes != there else []
                associated = {item["subnet_id"] for item in found["associations"] if item.get("subnet_id")}
                differences += ["subnets"] if associated != {subnets.get(name) for name in wanted["subnets"]} else []
                differences += _lacking_tags(wanted, found)
                own = {route["destination"] for route in wanted["routes"]}
                kept = {cidr: target for cidr, target in routes.items() if cidr not in own}
            item = wanted | {
                "id": (found or {}).get("route_table_id"),
                "peer_routes": [{"dest": cidr, "vpc_peering_connection_id": target} for cidr, target in kept.items()],
            }
            self.note("route_tables", item, found, differences)
        twice = [
            table for table in self.read["route_tables"] if _name(table) in tables and tables[_name(table)] is not table
        ]
        self.drop("route_tables", twice, "route_table_id")

    @staticmethod
    def _entries(entries: list[list[t.Any]]) -> list[tuple]:
        return sorted(
            (number, protocol, action, cidr, None if protocol == "all" else (first, last))
            for number, protocol, action, cidr, _type, _code, first, last in entries
        )

    def compare_network_acls(self) -> None:
        subnets = self.ids()["subnets"]
        by_name = {_name(item): item for item in self.read["network_acls"]}
        for wanted in self.blueprint["network_acls"]:
            found = by_name.get(wanted["name"])
            differences = []
            if found:
                differences = [
                    direction
                    for direction in ("ingress", "egress")
                    if self._entries(wanted[direction]) != self._entries(found[direction])
                ]
                differences += (
                    ["subnets"] if set(found["subnets"]) != {subnets.get(name) for name in wanted["subnets"]} else []
                )
                differences += _lacking_tags(wanted, found)
            self.note("network_acls", wanted, found, differences)

    def _found_rules(self, permissions: list[Item]) -> set[tuple]:
        names = {item["group_id"]: item["group_name"] for item in self.read["security_groups"]}
        sources = (
            ("ip_ranges", "cidr_ip", "cidr"),
            ("ipv6_ranges", "cidr_ipv6", "cidr6"),
            ("prefix_list_ids", "prefix_list_id", "prefix_list"),
            ("user_id_group_pairs", "group_id", "group"),
        )
        return {
            (
                rule["ip_protocol"],
                rule.get("from_port"),
                rule.get("to_port"),
                kind,
                names.get(source[key], source[key]),
                source.get("description", ""),
            )
            for rule in permissions
            for field, key, kind in sources
            for source in rule.get(field) or []
        }

    def _wanted_rules(self, rules: list[Item]) -> set[tuple]:
        keys = ("protocol", "from_port", "to_port", "kind", "target", "description")
        return {
            tuple(
                self.prefix_lists.get(rule["target"])
                if key == "target" and rule["kind"] == "prefix_list"
                else rule[key]
                for key in keys
            )
            for rule in rules
        }

    def _module_rule(self, rule: Item) -> Item:
        """Return a rule as vpc_security_groups takes it."""
        target = self.prefix_lists.get(rule["target"]) if rule["kind"] == "prefix_list" else rule["target"]
        return {
            "protocol": rule["protocol"],
            "from_port": rule["from_port"],
            "to_port": rule["to_port"],
            "description": rule["description"],
            rule["kind"]: target,
        }

    def compare_security_groups(self) -> None:
        by_name = {item["group_name"]: item for item in self.read["security_groups"]}
        default = self.blueprint["vpc"] | {
            "name": "default",
            "description": "default VPC security group",
            "ingress": [],
            "egress": [],
        }
        for wanted in (*self.blueprint["security_groups"], default):
            found = by_name.get(wanted["name"])
            differences = []
            if found:
                fields = {"ingress": "ip_permissions", "egress": "ip_permissions_egress"}
                differences = [
                    direction
                    for direction, field in fields.items()
                    if self._wanted_rules(wanted[direction]) != self._found_rules(found[field])
                ]
                differences += _lacking_tags(wanted, found)
            elif wanted is default:
                # AWS creates this one with the VPC, with all egress allowed.
                found, differences = default, ["egress"]
            entry = {key: wanted[key] for key in ("name", "description", "tags")} | {
                direction: [self._module_rule(rule) for rule in wanted[direction]]
                for direction in ("ingress", "egress")
            }
            self.note("security_groups", wanted | {"entry": entry}, found, differences)

    def compare_endpoints(self) -> None:
        ids = self.ids()
        by_service = {item["service_name"]: item for item in self.read["endpoints"]}
        for wanted in self.blueprint["endpoints"]:
            found = by_service.get(wanted["service"])
            differences = []
            if found:
                there = {
                    "route_tables": set(found.get("route_table_ids") or []),
                    "subnets": set(found.get("subnet_ids") or []),
                    "security_groups": {group["group_id"] for group in found.get("groups") or []},
                }
                names = {key: wanted[key] for key in ("route_tables", "subnets")} | {
                    "security_groups": wanted["groups"]
                }
                differences = [
                    key for key, value in there.items() if value != {ids[key].get(name) for name in names[key]}
                ]
                if wanted["kind"] == "Interface" and not found.get("private_dns_enabled"):
                    differences.append("private DNS")
            if found:
                differences += _lacking_tags(wanted, found)
            self.note("endpoints", wanted, found, differences)
        services = {wanted["service"] for wanted in self.blueprint["endpoints"]}
        mine = [item for item in self.read["endpoints"] if self._mine(item)]
        self.drop("endpoints", [item for item in mine if item["service_name"] not in services], "vpc_endpoint_id")

    def _mine(self, resource: Item) -> bool:
        tags = _tags(resource)
        return all(tags.get(key) == value for key, value in self.blueprint["vpc"]["tags"].items() if key != "Name")

    def find_surplus(self, kind: str, key: str) -> None:
        """Find what the role created under earlier settings (one NAT gateway a zone), or twice in interrupted runs."""
        wanted = {item["name"] for item in self.blueprint[kind]}
        kept: set[str] = set()
        surplus = []
        in_use_first = sorted(self.read[kind], key=lambda item: (not item.get("association_id"), item[key]))
        for item in in_use_first:
            if not self._mine(item) or not _name(item):
                continue
            if _name(item) in wanted and _name(item) not in kept:
                kept.add(_name(item))
            else:
                surplus.append(item)
        self.drop(kind, surplus, key)

    def build(self) -> Item:
        self.compare_vpc()
        self.compare_internet_gateway()
        self.compare_subnets()
        self.compare_by_name("addresses")
        self.compare_by_name("nat_gateways")
        self.compare_route_tables()
        self.compare_network_acls()
        self.compare_security_groups()
        self.compare_endpoints()
        self.find_surplus("nat_gateways", "nat_gateway_id")
        self.find_surplus("addresses", "allocation_id")
        kinds = ("vpcs", *self.ids(), "endpoints")
        return {
            "vpc_id": self.vpc["vpc_id"] if self.vpc else None,
            "ids": self.ids(),
            "todo": {kind: self.todo.get(kind, []) for kind in kinds},
            "surplus": {
                kind: self.surplus.get(kind, []) for kind in ("route_tables", "nat_gateways", "addresses", "endpoints")
            },
            "changes": self.changes,
        }


def network_plan(blueprint: Item, read: Item) -> Item:
    """Return the changes that make the network that was read match its blueprint."""
    return _Plan(blueprint, read).build()
