# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Describe what the API wants (instances, networks, peerings) and what is there (containers)."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Instance:
    """An instance as the API describes it."""

    instance_id: str
    region: str
    state: str
    network: str
    subnet_cidr: str
    address: str
    mac: str
    reboots: int = 0

    @property
    def prefix_length(self) -> int:
        return ipaddress.IPv4Network(self.subnet_cidr).prefixlen

    @property
    def gateway(self) -> str:
        """The VPC router's address in the subnet: AWS takes the first."""
        return str(ipaddress.IPv4Network(self.subnet_cidr)[1])


@dataclass(frozen=True)
class Network:
    """A VPC with living instances, or something else with an address, in it."""

    network_id: str
    region: str
    cidr: str

    @property
    def resolver(self) -> str:
        """The VPC's DNS resolver: AWS takes the third address."""
        return str(ipaddress.IPv4Network(self.cidr)[2])


@dataclass(frozen=True)
class Peering:
    """An active peering connection of two VPCs."""

    peering_id: str
    sides: tuple[str, str]


@dataclass(frozen=True)
class Wanted:
    """The API's state at one moment."""

    instances: dict[str, Instance]
    networks: dict[str, Network]
    peerings: list[Peering]
    # Addresses that others than instances have.
    others: frozenset[str] = frozenset()
    balancers: list[dict] = field(default_factory=list)

    @classmethod
    def read(cls, view: dict) -> Wanted:
        instances = [Instance(**item) for item in view["instances"]]
        return cls(
            instances={instance.instance_id: instance for instance in instances},
            networks={name: Network(network_id=name, **item) for name, item in view["networks"].items()},
            peerings=[Peering(item["peering_id"], tuple(item["sides"])) for item in view["peerings"]],
            others=frozenset(view["others"]),
            balancers=view["balancers"],
        )


@dataclass(frozen=True)
class Container:
    """A container of this lab as the engine describes it."""

    instance_id: str
    running: bool
    exit_code: int = 0
    pid: int = 0
