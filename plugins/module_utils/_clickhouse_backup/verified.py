# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Verify a backup by one of three methods, and note when it was last found sound."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.byte_check import byte_faults
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.engine import Engine
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.faults import UnsoundError
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.model import (
    VERIFIED,
    Backup,
    Backups,
    list_faults,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.scratch import scratch_faults
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.store import BackupStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

READING_METHODS = ("bytes", "scratch")
METHODS = ("list", *READING_METHODS)


class VerifiedReconciler:
    """Read, plan and apply O(state=verified)."""

    def __init__(self, name: str, method: str, within: float, collection: str, store: BackupStore, engine: Engine):
        self._name = name
        self._method = method
        self._within = within
        self._collection = collection
        self._store = store
        self._engine = engine
        self._done = False

    def read(self) -> dict[str, Backup]:
        """Read all backups."""
        return self._store.read()

    def backups(self, backups: dict[str, Backup]) -> dict[str, Backup]:
        """Return the backups that were read."""
        return backups

    def plan(self, backups: dict[str, Backup]) -> list[Change]:
        """Check the list in any case, and plan the verification unless the note is young enough."""
        faults = list_faults(backups, self._name)
        if faults:
            raise UnsoundError(self._name, "list", faults)
        backup = backups[self._name]
        if self._method == "scratch":
            _check_recorded(backup)
        if self._done or self._noted(backup):
            return []
        return [Change("verify", "backup", self._name, None, {"method": self._method}, data=backups)]

    def _noted(self, backup: Backup) -> bool:
        moment = verified_at(backup, self._method)
        return moment is not None and (self._store.now - moment).total_seconds() < self._within

    def apply(self, changes: list[Change]) -> None:
        """Verify the backup, and write the note. Where there is a fault, remove the note and raise UnsoundError."""
        for change in changes:
            self._verify(change.name, change.after["method"], change.data)
        self._done = True

    def _verify(self, name: str, method: str, backups: Backups) -> None:
        faults = self._faults(name, method, backups)
        backup = backups[name]
        noted = noted_methods(backup)
        if faults:
            if noted:
                self._store.put_json(name, VERIFIED, {"uuid": backup.metadata.uuid, "methods": {}})
            raise UnsoundError(name, method, faults)
        methods = noted | {method: self._store.now.isoformat()}
        self._store.put_json(name, VERIFIED, {"uuid": backup.metadata.uuid, "methods": methods})

    def _faults(self, name: str, method: str, backups: Backups) -> list[str]:
        if method == "bytes":
            return byte_faults(self._store, backups, name)
        if method == "scratch":
            return scratch_faults(self._engine, self._collection, backups[name])
        return []


def _check_recorded(backup: Backup) -> None:
    if backup.selection is None or backup.record is None:
        raise PlatformError(
            f"The backup {backup.name} has no record of what its tables held, so a restore can't be compared with it. Fix: run "
            "O(state=present) for it first, or verify its bytes. Nothing was changed."
        )


def noted_methods(backup: Backup) -> dict[str, str]:
    """Return when each method last found this backup sound; a note of another backup of the name doesn't count."""
    note: dict[str, t.Any] = backup.verified or {}
    if backup.metadata is None or note.get("uuid") != backup.metadata.uuid:
        return {}
    return note.get("methods", {})


def verified_at(backup: Backup, method: str) -> datetime.datetime | None:
    """Return when a method last found the backup sound. The list is part of the two others."""
    accepted = METHODS if method == "list" else (method,)
    moments = [moment for name, moment in noted_methods(backup).items() if name in accepted]
    return max(map(datetime.datetime.fromisoformat, moments), default=None)
