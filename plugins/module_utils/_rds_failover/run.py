# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Execute the steps of a failover, each in the journal before it is begun."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.executor import Executor, now_ms
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.journal import TAKE_BACK, Journal
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.journal_store import (
    JournalStore,
    TakenOverError,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.promotion import RefusedError


class Run:
    """One run of a failover; ``journal`` is how far it came."""

    def __init__(self, journal: Journal, store: JournalStore, executor: Executor, *, resumed: bool):
        self.journal = journal
        self._stands = resumed
        self._store = store
        self._executor = executor

    def execute(self, steps: t.Sequence[str]) -> None:
        """Execute the steps. Where one fails, take the fence back if that is still possible, and raise PlatformError."""
        if self.journal.doing == TAKE_BACK:
            self._take_back("An earlier run gave the failover up, and was cut off while it took the fence back.")
        if not self.journal.marks:
            self._executor.gate(self.journal)
            self.journal = self.journal.marked("begun", now_ms())
        for step in steps:
            self._execute(step)
        if not self.journal.remaining:
            self._write(self.journal.marked("finished", now_ms()).over("done"))
        else:
            self._write(self.journal)

    def _write(self, journal: Journal) -> None:
        self.journal = self._store.write(journal)
        self._stands = True

    def _execute(self, step: str) -> None:
        begun = self.journal.begun(step)
        try:
            self._write(self._executor.prepare(step, begun))
            self.journal = getattr(self._executor, step)(self.journal).ended(step)
        except TakenOverError:
            raise
        except RefusedError as error:
            # RDS didn't begin to promote, so the fence can still be taken back.
            self._give_up(str(error))
        except PlatformError as error:
            # An emergency without the old writer waits on, in further runs.
            if not self.journal.can_be_taken_back or not self._is_source_reached:
                raise
            self._give_up(str(error))

    @property
    def _is_source_reached(self) -> bool:
        return self.journal.mode == "planned" or self.journal.facts.get("silent") is False

    def _give_up(self, why: str) -> None:
        """Give the failover up, and let an old writer that was fenced take writes again."""
        if self._is_source_reached:
            self._take_back(why)
        self._write(self.journal.over("aborted"))
        raise PlatformError(
            f"{why} The failover was given up; {self.journal.source} did not answer. Fix: remove the cause, then run again."
        )

    def _take_back(self, why: str) -> None:
        if self._stands:
            self._write(self.journal.begun(TAKE_BACK))
            try:
                self._executor.take_back(self.journal)
            except PlatformError as error:
                raise PlatformError(
                    f"{why} And the fence could not be taken back, so {self.journal.source} may take no writes: {error} Fix: run "
                    "again at once."
                ) from error
            self._write(self.journal.over("aborted"))
        raise PlatformError(f"{why} The failover was given up: {self.journal.source} takes writes as before.")
