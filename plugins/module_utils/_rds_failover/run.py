# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Carries the steps of a plan out, each in the journal before it is begun."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.journal import TAKE_BACK, Journal
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.journal_store import (
    JournalStore,
    TakenOverError,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.moves import Moves, now_ms
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.plan import Step
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.rds import RefusedError


class Run:
    """One run; ``journal`` is how far it came."""

    def __init__(self, journal: Journal, store: JournalStore, moves: Moves, *, resumed: bool):
        self.journal = journal
        self._stands = resumed
        self._store = store
        self._moves = moves

    def carry_out(self, steps: t.Sequence[Change]) -> None:
        """Raises PlatformError where a step fails; what can be taken back then is."""
        if self.journal.doing == TAKE_BACK:
            self._take_back("A run before had given up, and was cut off while it took its fence back.")
        if not self.journal.marks:
            if self.journal.mode == "planned":
                self._moves.gate()
            self.journal = self.journal.marked("begun", now_ms())
        for step in steps:
            if not isinstance(step, Step):
                raise TypeError(f"not a step of this plan: {step!r}")
            self._do(step.step)
        if not self.journal.remaining:
            self._write(self.journal.marked("finished", now_ms()).over("done"))
        else:
            self._write(self.journal)

    def _write(self, journal: Journal) -> None:
        self.journal = self._store.write(journal)
        self._stands = True

    def _do(self, step: str) -> None:
        begun = self.journal.begun(step)
        try:
            self._write(self._moves.prepare(step, begun))
            self.journal = getattr(self._moves, step)(self.journal).ended(step)
        except TakenOverError:
            raise
        except RefusedError as error:
            # RDS didn't begin to promote, so that it can be taken back after all.
            if self.journal.mode != "planned":
                raise
            self._take_back(str(error))
        except PlatformError as error:
            if not self.journal.can_be_taken_back or self.journal.mode != "planned":
                raise
            self._take_back(str(error))

    def _take_back(self, why: str) -> None:
        """Give a planned failover up: the old writer takes writes again."""
        if self._stands:
            self._write(self.journal.begun(TAKE_BACK))
            try:
                self._moves.take_back(self.journal)
            except PlatformError as error:
                raise PlatformError(
                    f"{why} And the fence could not be taken back, so {self.journal.source} may take no writes: {error} Run "
                    "again at once."
                ) from error
            self._write(self.journal.over("aborted"))
        raise PlatformError(f"{why} The failover was given up: {self.journal.source} takes writes as before.")
