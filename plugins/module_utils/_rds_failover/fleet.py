# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Fail over several databases side by side, each with its own journal and record: none keeps another from moving."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._parallel import in_parallel
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change, converge
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover import results
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.databases import Database
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.dependencies import (
    Dependencies,
    Limits,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.model import State
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.reconciler import FailoverReconciler

_SETTLED = 60.0
# Threads: RDS's part of each takes minutes.
_AT_ONCE = 32


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of one database. ``left`` says why a dedicated instance stays where it is."""

    database: Database
    changes: tuple[Change, ...] = ()
    state: State | None = None
    failover: dict[str, t.Any] | None = None
    error: str = ""
    left: str = ""

    @property
    def result(self) -> dict[str, t.Any]:
        """Describe it for the module's result."""
        if self.state is None:
            return {"failover": self.failover}
        return results.result(self.database.wanted, self.state)

    @property
    def described(self) -> dict[str, t.Any]:
        """Describe a dedicated instance's."""
        about = {"name": self.database.name, "identifiers": self.database.wanted.instances}
        return about | {"error": self.error or None, "left": self.left or None} | self.result


def move_all(
    databases: t.Sequence[Database],
    dependencies: t.Callable[[Database], Dependencies],
    limits: Limits,
    *,
    check_mode: bool,
) -> list[Outcome]:
    """Fail over all databases, and return what became of each, in their order."""
    return in_parallel(lambda item: _move(item, lambda: dependencies(item), limits, check_mode), databases, _AT_ONCE)


def _move(database: Database, dependencies: t.Callable[[], Dependencies], limits: Limits, check_mode: bool) -> Outcome:
    reconciler = None
    try:
        reconciler = FailoverReconciler(database.wanted, dependencies(), limits, check_mode=check_mode)
        if database.name and (why := _stays(reconciler.read())):
            return Outcome(database, left=why)
        changes, state = converge(reconciler, check_mode=check_mode, timeout=_SETTLED)
    except PlatformError as error:
        journal = reconciler.journal if reconciler else None
        about = f"{database.name}: " if database.name else ""
        return Outcome(database, failover=results.failover(journal), error=f"{about}{error}")
    return Outcome(database, tuple(changes), state)


def _stays(state: State) -> str:
    """Return why a dedicated instance is not moved: it has no replica in the target region."""
    if state.target.instance is None and not (state.journal and not state.journal.finished):
        return f"It has no replica in {state.target.region}, and stays where it is."
    return ""
