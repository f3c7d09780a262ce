# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read, plan and apply a failover."""

from __future__ import annotations

import datetime

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import judge
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.checks import check
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.dependencies import (
    Dependencies,
    Limits,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.executor import Executor
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.journal import Journal
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.model import State, Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.plan import begin, plan
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.reading import read
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.run import Run


class FailoverReconciler:
    """Move the writer. ``journal`` is how far this run came; None before it began to apply anything."""

    def __init__(self, wanted: Wanted, dependencies: Dependencies, limits: Limits, *, check_mode: bool):
        self._wanted = wanted
        self._dependencies = dependencies
        self._limits = limits
        self._check_mode = check_mode
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        self._name = f"{now} {wanted.mode} to {wanted.target_region}"
        self._planned: Journal | None = None
        self._resumed = False
        self._source_answered = False
        self._run: Run | None = None

    @property
    def journal(self) -> Journal | None:
        """Return the journal as this run wrote it last."""
        return self._run.journal if self._run else None

    def read(self) -> State:
        """Read the region record, the journals and both instances."""
        return read(self._wanted, self._dependencies)

    def plan(self, state: State) -> list[Change]:
        """Plan the steps that are left. Raise PlatformError where something keeps the failover from being begun."""
        judge(check(self._wanted, state), check_mode=self._check_mode, skip_unavailable=False).enforce()
        self._planned = begin(self._wanted, state, self._name)
        self._source_answered = bool(state.source and state.source.server)
        self._resumed = bool(state.journal and not state.journal.finished)
        return plan(self._wanted, state, self._planned)

    def apply(self, changes: list[Change]) -> None:
        """Execute the steps, each in the journal before it is begun."""
        journal = self._planned
        if journal is None:
            raise TypeError("a plan without a journal")
        executor = Executor(
            self._wanted,
            self._dependencies,
            self._limits,
            journal.source,
            journal.target,
            source_answered=self._source_answered,
        )
        store = self._dependencies.journals(self._wanted.target_region)
        self._run = Run(journal, store, executor, resumed=self._resumed)
        self._run.execute([change.data for change in changes])
