# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Describe what the API wants (DB instances, snapshots), and what was done with the data of each."""

from __future__ import annotations

import ipaddress
import zlib
from dataclasses import dataclass, field

from lab.runtime.vpc.model import Instance


@dataclass(frozen=True)
class Database:
    """A DB instance as the API describes it. `source` is the resource id of what it replicates, or empty."""

    resource_id: str
    identifier: str
    region: str
    state: str
    network: str
    subnet_cidr: str
    address: str
    mac: str
    endpoint: str
    port: int
    username: str
    password: str = field(repr=False)
    password_version: int
    database: str
    reboots: int
    # Kind and name of what its data begin with; of a backup also the moment, in seconds since 1970.
    origin: tuple[str, ...] | None
    source: str
    parameter_group: str
    # Value, and whether it is to be in force without a reboot.
    parameters: dict[str, tuple[str, bool]]

    @property
    def card(self) -> Instance:
        """Itself as the routers of EC2 know what they connect."""
        return Instance(
            self.resource_id, self.region, self.state, self.network, self.subnet_cidr, self.address, self.mac
        )

    @property
    def server_id(self) -> int:
        """Unlike that of any other server that it may exchange transactions with."""
        return zlib.crc32(self.resource_id.encode()) or 1

    @property
    def backbone_address(self) -> str:
        """The address on AWS's own network (RFC 2544's second half), which replication goes by."""
        return str(ipaddress.IPv4Address("198.19.0.0") + 2 + self.server_id % 65_000)


@dataclass(frozen=True)
class Snapshot:
    """A snapshot as the API describes it; `origin` is the kind and the name of what it was taken from."""

    name: str
    identifier: str
    region: str
    state: str
    origin: tuple[str, str]


@dataclass(frozen=True)
class BackupCopy:
    """A copy of an instance's automated backups that another region keeps; `source` is the instance's resource id."""

    name: str
    identifier: str
    region: str
    source: str
    live: bool


@dataclass(frozen=True)
class Wanted:
    """The API's state at one moment."""

    databases: dict[str, Database]
    snapshots: dict[str, Snapshot]
    copies: dict[str, BackupCopy]

    @classmethod
    def read(cls, view: dict) -> Wanted:
        databases = [_database(item) for item in view["instances"]]
        snapshots = [Snapshot(**item | {"origin": tuple(item["origin"])}) for item in view["snapshots"]]
        copies = [BackupCopy(**item) for item in view["backup_copies"]]
        return cls(
            {item.resource_id: item for item in databases},
            {item.name: item for item in snapshots},
            {item.name: item for item in copies},
        )


def _database(item: dict) -> Database:
    # RDS spells some names with hyphens; to MySQL's options both are the same.
    parameters = {name.replace("-", "_"): tuple(value) for name, value in item["parameters"].items()}
    return Database(**item | {"parameters": parameters, "origin": tuple(item["origin"]) if item["origin"] else None})


@dataclass
class Memory:
    """What was done with a data folder; it is kept beside the data."""

    prepared: bool = False
    users: bool = False
    password_version: int = 0
    reboots: int = 0
    # What it replicates from, once that runs.
    source: str = ""
    parameter_group: str = ""
    # What the server runs with, and what waits for its restart.
    parameters: dict[str, str] = field(default_factory=dict)
    pending: dict[str, str | None] = field(default_factory=dict)
    # The process that runs, and the one in which everything was seen to.
    running: int = 0
    settled: int = 0
