# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Reconcile the replications of one module call."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Finding, Verdict, judge
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._s3_replication import checks
from ansible_collections.knowledgecity.platform.plugins.module_utils._s3_replication.model import (
    Configuration,
    Replication,
    by_bucket,
    plan_replications,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._s3_replication.store import ReplicationStore


@dataclasses.dataclass(frozen=True)
class Settings:
    """The module's options that are about all entries."""

    region: str
    present: bool = True
    purge: bool = True
    skip_unavailable: bool = False
    check_mode: bool = False


@dataclasses.dataclass(frozen=True)
class State:
    """The configurations as they were read, the change of each bucket that needs one, and what the checks came to."""

    configurations: dict[str, Configuration]
    changes: dict[str, Change]
    verdict: Verdict


class ReplicationReconciler:
    """Read, plan and apply the replications of one module call."""

    def __init__(self, wanted: t.Sequence[Replication], settings: Settings, store: ReplicationStore):
        self._wanted = tuple(wanted)
        self._by_bucket = by_bucket(wanted)
        self._settings = settings
        self._store = store

    def read(self) -> State:
        """Read the current state. Buckets that need no change are not read further."""
        settings = self._settings
        configurations = self._store.configurations(self._by_bucket)
        changes = plan_replications(
            self._wanted, configurations, purge=settings.purge, present=settings.present, region=settings.region
        )
        findings = self._findings(configurations, changes) if settings.present else []
        verdict = judge(findings, check_mode=settings.check_mode, skip_unavailable=settings.skip_unavailable)
        left = {bucket: change for bucket, change in changes.items() if bucket not in verdict.skipped}
        return State(configurations, left, verdict)

    def _findings(self, configurations: dict[str, Configuration], changes: dict[str, Change]) -> list[Finding]:
        findings = checks.check_entries(self._wanted)
        sources = self._store.sources(changes)
        changing = [entry for entry in self._wanted if entry.bucket in changes]
        destinations = self._store.destinations(changing)
        for bucket in changes:
            entries = self._by_bucket[bucket]
            findings += checks.check_configuration(entries, configurations[bucket], purge=self._settings.purge)
            findings += checks.check_source(bucket, sources[bucket], entries, self._settings.region)
        for entry in changing:
            findings += checks.check_destination(entry, destinations[entry])
        return findings

    def plan(self, state: State) -> list[Change]:
        """Return the changes. Raise PlatformError with every problem."""
        state.verdict.enforce()
        return list(state.changes.values())

    def apply(self, changes: list[Change]) -> None:
        """Write the configurations that the changes hold."""
        for change in changes:
            self._store.apply(change)
