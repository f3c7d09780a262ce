# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Describe the network that a region needs."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.knowledgecity.platform.plugins.plugin_utils.network.layout import network_layout
from ansible_collections.knowledgecity.platform.plugins.plugin_utils.network.rules import (
    GATEWAY_SERVICES,
    network_rules,
)

Item = dict[str, t.Any]


class _Blueprint:
    """Build the parts of a region's network, each with its name, its tags, and the names of what it refers to."""

    def __init__(self, settings: Item):
        self.settings = settings
        self.name: str = settings["name"]
        self.layout = network_layout(settings["cidr"], settings["zones"])
        self.matrix = settings["flow_matrix"]

    def item(self, *thing: str, **values: t.Any) -> Item:
        name = "-".join((self.name, *thing))
        tags = self.settings["tags"] | values.pop("tags", {}) | {"Name": name}
        return {"name": name, "tags": tags, **values}

    def zone(self, zone: str) -> str:
        return zone.removeprefix(self.settings["region"]).lstrip("-") or zone

    def name_of(self, *thing: str) -> str:
        return "-".join((self.name, *thing))

    def subnets(self) -> list[Item]:
        return [
            self.item(
                subnet["class"],
                self.zone(subnet["zone"]),
                tags=self.settings["subnet_tags"].get(subnet["class"], {}),
                **subnet,
            )
            for subnet in self.layout["subnets"]
        ]

    def names_of_subnets(self, subnet_class: str) -> list[str]:
        return [subnet["name"] for subnet in self.subnets() if subnet["class"] == subnet_class]

    def nat_zones(self) -> list[str]:
        zones = self.settings["zones"]
        return zones if self.settings["nat_per_zone"] else zones[:1]

    def nat_gateways(self) -> list[Item]:
        return [
            self.item(
                "nat",
                self.zone(zone),
                subnet=self.name_of("public", self.zone(zone)),
            )
            for zone in self.nat_zones()
        ]

    def route_tables(self) -> list[Item]:
        anywhere = "0.0.0.0/0"
        private = []
        for zone in self.settings["zones"]:
            gateway = zone if zone in self.nat_zones() else self.nat_zones()[0]
            private.append(
                self.item(
                    "private",
                    self.zone(zone),
                    subnets=[self.name_of("private", self.zone(zone))],
                    routes=[
                        {"destination": anywhere, "kind": "nat", "target": self.name_of("nat", self.zone(gateway))}
                    ],
                )
            )
        return [
            self.item(
                "public",
                subnets=self.names_of_subnets("public"),
                routes=[{"destination": anywhere, "kind": "internet", "target": self.name}],
            ),
            *private,
            self.item("data", subnets=self.names_of_subnets("data"), routes=[]),
        ]

    def rules(self) -> Item:
        peers = [
            {"cidr": peer["cidr"], "classes": network_layout(peer["cidr"])["classes"]}
            for peer in self.settings["peers"]
        ]
        return network_rules(self.matrix, self.settings["cidr"], self.layout["classes"], peers)

    def security_groups(self, rules: dict[str, dict[str, list[Item]]]) -> list[Item]:
        absent = set(GATEWAY_SERVICES) - set(self.settings["gateway_endpoints"])

        def named(rule: Item) -> Item:
            return rule | ({"target": self.name_of(rule["target"])} if rule["kind"] == "group" else {})

        return [
            self.item(
                tier,
                description=self.matrix["tiers"][tier].get("description", tier),
                **{
                    direction: [
                        named(rule)
                        for rule in found
                        if not (rule["kind"] == "prefix_list" and rule["target"] in absent)
                    ]
                    for direction, found in directions.items()
                },
            )
            for tier, directions in rules.items()
        ]

    def endpoints(self) -> list[Item]:
        tables = [table["name"] for table in self.route_tables() if table["name"] != self.name_of("public")]
        service = f"com.amazonaws.{self.settings['region']}."
        return [
            self.item(name, kind="Gateway", service=service + name, route_tables=tables, subnets=[], groups=[])
            for name in self.settings["gateway_endpoints"]
        ] + [
            self.item(
                name.replace(".", "-"),
                kind="Interface",
                service=service + name,
                route_tables=[],
                subnets=self.names_of_subnets("private"),
                groups=[self.name_of("endpoints")],
            )
            for name in self.settings["interface_endpoints"]
        ]

    def build(self) -> Item:
        rules = self.rules()
        return {
            "vpc": self.item(cidr=self.settings["cidr"]),
            "peer_cidrs": [peer["cidr"] for peer in self.settings["peers"]],
            "internet_gateway": self.item(),
            "subnets": self.subnets(),
            "addresses": [
                self.item("nat", self.zone(zone), subnet=self.name_of("public", self.zone(zone)))
                for zone in self.nat_zones()
            ],
            "nat_gateways": self.nat_gateways(),
            "route_tables": self.route_tables(),
            "network_acls": [
                self.item(name, subnets=self.names_of_subnets(name), **entries)
                for name, entries in rules["network_acls"].items()
            ],
            "security_groups": self.security_groups(rules["security_groups"]),
            "endpoints": self.endpoints(),
        }


def network_blueprint(settings: Item) -> Item:
    """Return the network that a region needs: every part with its name and tags, referring to others by name."""
    wanted = ("name", "region", "cidr", "zones", "peers", "nat_per_zone", "flow_matrix", "tags", "subnet_tags")
    missing = [key for key in (*wanted, "gateway_endpoints", "interface_endpoints") if key not in settings]
    if missing:
        raise AnsibleFilterError(f"network_blueprint: settings lack {', '.join(missing)}")
    return _Blueprint(settings).build()
