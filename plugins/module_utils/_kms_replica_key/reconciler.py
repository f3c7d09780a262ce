# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Reconcile the replicas of one module call."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Verdict, judge
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.model import Options
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_replica_key import checks
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_replica_key.model import (
    Observed,
    Wanted,
    plan_key,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_replica_key.store import ReplicaKeyStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change


@dataclasses.dataclass(frozen=True)
class State:
    """Each entry with what was read for it, and what the checks found."""

    entries: tuple[tuple[Wanted, Observed], ...]
    verdict: Verdict

    @property
    def workable(self) -> list[tuple[Wanted, Observed]]:
        """Return the entries that are not skipped."""
        return [(entry, observed) for entry, observed in self.entries if entry.name not in self.verdict.skipped]

    def replicas(self) -> list[dict[str, t.Any]]:
        """Return the replicas that exist, as the module returns them."""
        return [
            {
                "primary": entry.primary,
                "region": entry.replica_region,
                "alias": entry.alias,
                "key_id": replica.key_id,
                "arn": replica.arn,
                "state": replica.state,
            }
            for entry, observed in self.entries
            if (replica := observed.replica)
        ]


class ReplicaKeyReconciler:
    """Read, plan and apply the replicas of one module call."""

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
        """Read the current state of all entries."""
        observed = list(zip(self._entries, self._store.read(self._entries), strict=True))
        check = checks.check_present if self._options.present else checks.check_absent
        findings = checks.check_entries(self._entries)
        findings += [finding for entry, found in observed for finding in check(entry, found)]
        verdict = judge(findings, check_mode=self._check_mode, skip_unavailable=self._skip_unavailable)
        return State(tuple(observed), verdict)

    def plan(self, state: State) -> list[Change]:
        """Plan the changes of all entries. Raise PlatformError with every problem."""
        state.verdict.enforce()
        return [change for entry, observed in state.workable for change in plan_key(entry, observed, self._options)]

    def apply(self, changes: list[Change]) -> None:
        """Make the calls of the changes in their order."""
        for change in changes:
            self._store.apply(change)
