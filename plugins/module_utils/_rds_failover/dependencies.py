# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Hold what a failover reads and writes with, so that tests can pass in their own."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.engine import Engine
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.journal_store import JournalStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.rds import Rds
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_record.store import RecordStore


@dataclasses.dataclass(frozen=True)
class Limits:
    """Limit the seconds that steps may take, and the lag that is small enough."""

    max_lag_ms: float
    ready: float
    lag: float
    fence: float
    barrier: float
    promotion: float

    @classmethod
    def from_options(cls, options: t.Mapping[str, t.Any]) -> Limits:
        """Take the limits from the options of the module."""
        return cls(
            max_lag_ms=options["max_lag_ms"],
            ready=options["ready_timeout"],
            lag=options["lag_timeout"],
            fence=options["fence_timeout"],
            barrier=options["barrier_timeout"],
            promotion=options["promotion_timeout"],
        )


@dataclasses.dataclass(frozen=True)
class Dependencies:
    """Provide the clients of each region. ``engine`` takes a region and the endpoint of the server."""

    journals: t.Callable[[str], JournalStore]
    records: t.Callable[[t.Sequence[str]], RecordStore]
    regions: t.Sequence[str]
    rds: t.Callable[[str], Rds]
    engine: t.Callable[[str, str], Engine]
    secrets: t.Callable[[], t.Any]
    warn: t.Callable[[str], None]
