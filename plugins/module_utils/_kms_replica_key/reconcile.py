# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Puts the parts together: what is read, judged, planned and written for one module call."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Verdict, judge
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_replica_key import checks
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_replica_key.model import (
    Options,
    Seen,
    Wanted,
    plan_key,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_replica_key.store import ReplicaKeyStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change


@dataclasses.dataclass(frozen=True)
class State:
    """Each entry with what was read for it, and what the checks came to."""

    entries: tuple[tuple[Wanted, Seen], ...]
    verdict: Verdict

    @property
    def workable(self) -> list[tuple[Wanted, Seen]]:
        """The entries that are not skipped."""
        return [(entry, seen) for entry, seen in self.entries if entry.name not in self.verdict.skipped]

    def replicas(self) -> list[dict[str, t.Any]]:
        """The replicas that exist, as the module returns them."""
        return [
            {
                "primary": entry.primary,
                "region": entry.replica_region,
                "alias": entry.alias,
                "key_id": seen.replica.key_id,
                "arn": seen.replica.arn,
                "state": seen.replica.state,
            }
            for entry, seen in self.entries
            if seen.replica
        ]


class Reconciler:
    """Reads, plans and applies the replicas of one module call."""

    def __init__(
        self,
        entries: t.Sequence[Wanted],
        options: Options,
        store: ReplicaKeyStore,
        *,
        check_mode: bool,
        skip_unavailable: bool,
    ):
        self._entries = entries
        self._options = options
        self._store = store
        self._check_mode = check_mode
        self._skip_unavailable = skip_unavailable

    def read(self) -> State:
        """The current state of all entries."""
        seen = list(zip(self._entries, self._store.read(self._entries), strict=True))
        check = checks.check_present if self._options.present else checks.check_absent
        findings = checks.check_entries(self._entries)
        findings += [finding for entry, what in seen for finding in check(entry, what)]
        verdict = judge(findings, check_mode=self._check_mode, skip_unavailable=self._skip_unavailable)
        return State(tuple(seen), verdict)

    def plan(self, state: State) -> list[Change]:
        """The changes of all entries; raises PlatformError with all problems where there are any."""
        state.verdict.enforce()
        return [change for entry, seen in state.workable for change in plan_key(entry, seen, self._options)]

    def apply(self, _changes: list[Change], state: State) -> None:
        """Carry the plan out, entry by entry."""
        for entry, seen in state.workable:
            if plan_key(entry, seen, self._options):
                self._store.apply(entry, seen, self._options)
