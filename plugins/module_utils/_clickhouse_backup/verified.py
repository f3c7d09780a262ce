# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A backup that is to be proven sound, by one of three methods, and the note of when it last was."""

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


class Verification:
    """Reads, plans and applies O(state=verified)."""

    def __init__(self, name: str, method: str, within: float, collection: str, store: BackupStore, engine: Engine):
        self._name = name
        self._method = method
        self._within = within
        self._collection = collection
        self._store = store
        self._engine = engine
        self._done = False

    def read(self) -> dict[str, Backup]:
        """All backups."""
        return self._store.read()

    def found(self, backups: dict[str, Backup]) -> dict[str, Backup]:
        """The backups of what was read."""
        return backups

    def plan(self, backups: dict[str, Backup]) -> list[Change]:
        """The list is looked at in any case; nothing is left to do where the note is young enough."""
        faults = list_faults(backups, self._name)
        if faults:
            raise UnsoundError(self._name, "list", faults)
        backup = backups[self._name]
        if self._method == "scratch":
            _check_recorded(backup)
        if self._done or self._noted(backup):
            return []
        return [Change("verify", f"backup {self._name}", None, {"method": self._method})]

    def _noted(self, backup: Backup) -> bool:
        moment = verified_at(backup, self._method)
        return moment is not None and (self._store.now - moment).total_seconds() < self._within

    def apply(self, _changes: list[Change], backups: dict[str, Backup]) -> None:
        """Verify, and write the note. Raises UnsoundError, and takes the note away, where there is a fault."""
        faults = self._faults(backups)
        backup = backups[self._name]
        noted = noted_methods(backup)
        if faults:
            if noted:
                self._store.put_json(self._name, VERIFIED, {"uuid": backup.metadata.uuid, "methods": {}})
            raise UnsoundError(self._name, self._method, faults)
        methods = noted | {self._method: self._store.now.isoformat()}
        self._store.put_json(self._name, VERIFIED, {"uuid": backup.metadata.uuid, "methods": methods})
        self._done = True

    def _faults(self, backups: Backups) -> list[str]:
        if self._method == "bytes":
            return byte_faults(self._store, backups, self._name)
        if self._method == "scratch":
            return scratch_faults(self._engine, self._collection, backups[self._name])
        return []


def _check_recorded(backup: Backup) -> None:
    if backup.selection is None or backup.record is None:
        raise PlatformError(
            f"The backup {backup.name} has no record of what its tables held, so a restore can't be compared with it. Run "
            "O(state=present) for it first, or verify its bytes. Nothing was changed."
        )


def noted_methods(backup: Backup) -> dict[str, str]:
    """When each method last found nothing, of this very backup."""
    note: dict[str, t.Any] = backup.verified or {}
    if backup.metadata is None or note.get("uuid") != backup.metadata.uuid:
        return {}
    return note.get("methods", {})


def verified_at(backup: Backup, method: str) -> datetime.datetime | None:
    """When a method last found nothing; the list is part of the two others."""
    accepted = METHODS if method == "list" else (method,)
    moments = [moment for name, moment in noted_methods(backup).items() if name in accepted]
    return max(map(datetime.datetime.fromisoformat, moments), default=None)
