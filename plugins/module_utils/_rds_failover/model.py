# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Model what a failover is asked for, and what was read of the two instances. No client."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.journal import Journal
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_record.model import Copy, Record


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What the options ask for, as far as a plan depends on it. ``instances`` are identifiers by region."""

    mode: str
    target_region: str
    instances: dict[str, str]
    fence: str
    fence_security_group: str | None = None
    secret_prefix: str | None = None
    max_lag_ms: float = 200
    # Whether an emergency may give up what the replica has received and can't apply.
    accept_unapplied: bool = False
    # Of a tenant's dedicated instance: the tenant, and the secrets that are promoted instead of all below the prefix.
    name: str = ""
    secret_names: tuple[str, ...] = ()

    @classmethod
    def from_options(cls, options: t.Mapping[str, t.Any]) -> Wanted:
        """Take what is wanted from the options of the module."""
        return cls(
            mode=options["mode"],
            target_region=options["target_region"],
            instances={item["region"]: item["identifier"] for item in options["instances"]},
            fence=options["fence"],
            fence_security_group=options["fence_security_group"],
            secret_prefix=options["secret_prefix"],
            max_lag_ms=options["max_lag_ms"],
            accept_unapplied=options["accept_unapplied"],
        )

    def identifier(self, region: str) -> str:
        """Return the identifier of a region's instance."""
        return self.instances[region]


@dataclasses.dataclass(frozen=True)
class Instance:
    """A DB instance as RDS describes it. ``source`` is the ARN or the identifier of what it replicates, or empty."""

    arn: str
    status: str
    endpoint: str
    port: int
    source: str
    parameter_group: str
    # What the user set read_only to in its parameter group; None where RDS's default holds.
    read_only: str | None
    security_groups: tuple[str, ...]
    backup_retention: int
    multi_az: bool
    # in-sync, applying or pending-reboot
    parameter_status: str = "in-sync"

    def as_dict(self) -> dict[str, t.Any]:
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True)
class Replication:
    """The replication of a MySQL server as the server reports it. Where it replicates nothing, ``connected`` is None.

    Without ``performance_schema`` the server doesn't tell its lag.
    """

    read_only: bool
    connected: bool | None
    applying: bool | None
    problems: tuple[str, ...]
    lag_ms: float | None
    beat_age_ms: float | None
    beat: bool
    performance_schema: bool = True

    def as_dict(self) -> dict[str, t.Any]:
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True)
class Side:
    """One region's instance, as RDS and as its server report it. ``*_error`` says why something could not be read."""

    region: str
    identifier: str
    instance: Instance | None = None
    instance_error: str | None = None
    server: Replication | None = None
    server_error: str | None = None

    @property
    def reached(self) -> bool:
        """Return whether API and server both answered, or the API said that there is nothing that could take writes."""
        if self.instance_error:
            return False
        return self.server is not None or self.instance is None or self.instance.status == "stopped"

    def as_dict(self) -> dict[str, t.Any]:
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True)
class State:
    """What was read, from which the plan is made."""

    copies: tuple[Copy, ...]
    record: Record | None
    journal: Journal | None
    # An unfinished failover to another region than the target.
    foreign: Journal | None
    source: Side | None
    target: Side
