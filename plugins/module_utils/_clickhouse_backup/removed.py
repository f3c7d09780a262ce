# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Remove backups: one by its name, or those that retention doesn't keep. A chain is never broken."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.model import (
    Backup,
    Backups,
    needed_by,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.retention import to_remove
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.store import BackupStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.unfinished import Clock
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change


class RemovedReconciler:
    """Read, plan and apply O(state=absent) and O(state=pruned)."""

    def __init__(
        self,
        store: BackupStore,
        name: str | None,
        keep_last: int | None = None,
        keep_days: float | None = None,
        stale_after: float = 0,
    ):
        self._store = store
        self._name = name
        self._keep_last = keep_last
        self._keep_days = keep_days
        self._stale_after = stale_after

    def read(self) -> dict[str, Backup]:
        """Read all backups."""
        return self._store.read()

    def backups(self, backups: dict[str, Backup]) -> dict[str, Backup]:
        """Return the backups that were read."""
        return backups

    def plan(self, backups: dict[str, Backup]) -> list[Change]:
        """Plan the removals in their order."""
        if self._name is not None:
            return plan_absent(backups, self._name, Clock(self._store.now, self._stale_after))
        names = to_remove(backups, self._store.now, self._keep_last, self._keep_days)
        return [_removal(backups[name]) for name in names]

    def apply(self, changes: list[Change]) -> None:
        """Remove the backups one after another."""
        for change in changes:
            self._store.delete(change.data)


def plan_absent(backups: Backups, name: str, clock: Clock) -> list[Change]:
    """Plan the removal of a backup. Raise PlatformError where another needs it, it is being written, or others made it."""
    if name not in backups:
        return []
    if not backups[name].is_ours:
        raise PlatformError(
            f"{name} was not made by this module, which removes only what it made. Fix: remove it with the tool that made "
            "it. Nothing was changed."
        )
    if not backups[name].finished and clock.age(backups[name].touched) < clock.stale_after:
        raise PlatformError(
            f"The backup {name} is unfinished, and was written to less than O(stale_after) ({clock.stale_after:.0f} s) "
            "ago. Fix: wait for its end, or set O(stale_after) where the server was killed. Nothing was changed."
        )
    others = needed_by(backups, name)
    if others:
        raise PlatformError(
            f"The backup {name} is the base of {', '.join(others)}, which could not be restored without it. Fix: remove "
            "those first. Nothing was changed."
        )
    return [_removal(backups[name])]


def _removal(backup: Backup) -> Change:
    before: dict[str, t.Any] = {"name": backup.name, "objects": len(backup.objects), "finished": backup.finished}
    return Change("delete", "backup", backup.name, before, data=backup)
