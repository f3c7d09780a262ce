# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Whom a failover speaks to, made by the module's main and handed to what acts."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.engine import Engine
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.journal_store import JournalStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.rds import Rds
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_record.store import RecordStore


@dataclasses.dataclass(frozen=True)
class Limits:
    """Seconds that steps may take, and the lag that is small enough."""

    max_lag_ms: float
    lag: float
    fence: float
    barrier: float
    promotion: float


@dataclasses.dataclass(frozen=True)
class Actors:
    """By region: ``rds`` and ``engine`` make what speaks to its instance. ``engine`` takes the endpoint."""

    journals: t.Callable[[str], JournalStore]
    records: t.Callable[[t.Sequence[str]], RecordStore]
    regions: t.Sequence[str]
    rds: t.Callable[[str], Rds]
    engine: t.Callable[[str, str], Engine]
    secrets: t.Callable[[], t.Any]
    warn: t.Callable[[str], None]
