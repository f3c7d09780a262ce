# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What a failover is about: what is wanted, the two instances, and what was read of them. No client."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.journal import Journal
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_record.model import Copy, Record


@dataclasses.dataclass(frozen=True)
class Wanted:
    """The module's options that a plan depends on."""

    mode: str
    target_region: str
    instances: dict[str, str]
    fence: str
    fence_security_group: str | None = None
    secret_prefix: str | None = None
    max_lag_ms: float = 200

    def identifier(self, region: str) -> str:
        return self.instances[region]


@dataclasses.dataclass(frozen=True)
class Instance:
    """What RDS tells of a DB instance. ``source`` is the ARN or the identifier of what it replicates, or empty."""

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

    def as_dict(self) -> dict[str, t.Any]:
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True)
class Replication:
    """What a MySQL server tells of itself and of what it replicates. Where it replicates nothing, ``connected`` is None."""

    read_only: bool
    connected: bool | None
    applying: bool | None
    problems: tuple[str, ...]
    lag_ms: float | None
    beat_age_ms: float | None
    beat: bool

    def as_dict(self) -> dict[str, t.Any]:
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True)
class Side:
    """One region's instance, from the outside and from within; what can't be read says why."""

    region: str
    identifier: str
    instance: Instance | None = None
    instance_error: str | None = None
    server: Replication | None = None
    server_error: str | None = None

    @property
    def reached(self) -> bool:
        """Whether its API and its server both answered, or the API said that there is nothing that could take writes."""
        if self.instance_error:
            return False
        return self.server is not None or self.instance is None or self.instance.status == "stopped"

    def as_dict(self) -> dict[str, t.Any]:
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True)
class State:
    """All that was read before a plan is made."""

    copies: tuple[Copy, ...]
    record: Record | None
    journal: Journal | None
    # An unfinished one that leads to another region than is wanted.
    foreign: Journal | None
    source: Side | None
    target: Side
