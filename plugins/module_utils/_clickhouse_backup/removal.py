# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Backups that are to go: one by its name, or those that retention gives up. A chain is never broken."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.model import (
    Backup,
    Backups,
    needed_by,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.retention import given_up
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.store import BackupStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change


class Removal:
    """Reads, plans and applies O(state=absent) and O(state=pruned)."""

    def __init__(self, store: BackupStore, name: str | None, keep_last: int | None, keep_days: float | None):
        self._store = store
        self._name = name
        self._keep_last = keep_last
        self._keep_days = keep_days

    def read(self) -> dict[str, Backup]:
        """All backups."""
        return self._store.read()

    def found(self, backups: dict[str, Backup]) -> dict[str, Backup]:
        """The backups of what was read."""
        return backups

    def plan(self, backups: dict[str, Backup]) -> list[Change]:
        """What goes, in its order."""
        if self._name is not None:
            return plan_absent(backups, self._name)
        names = given_up(backups, self._store.now, self._keep_last, self._keep_days)
        return [_removal(backups[name]) for name in names]

    def apply(self, changes: list[Change], backups: dict[str, Backup]) -> None:
        """Remove them one after another."""
        for change in changes:
            self._store.delete(backups[change.before["name"]])


def plan_absent(backups: Backups, name: str) -> list[Change]:
    """Raises PlatformError where another backup needs it."""
    if name not in backups:
        return []
    others = needed_by(backups, name)
    if others:
        raise PlatformError(
            f"The backup {name} is the base of {', '.join(others)}, which could not be restored without it. Give those up "
            "first. Nothing was changed."
        )
    return [_removal(backups[name])]


def _removal(backup: Backup) -> Change:
    before: dict[str, t.Any] = {"name": backup.name, "objects": len(backup.objects), "finished": backup.finished}
    return Change("delete", f"backup {backup.name}", before)
