# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Verify a backup by one of three methods, and note what was found: it is proven, it has faults, or it could not be verified."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.byte_check import byte_faults
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.engine import Engine
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.faults import (
    UnsoundError,
    UnverifiedError,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.model import (
    VERIFIED,
    Backup,
    Backups,
    list_faults,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.note import (
    verified_at,
    with_faults,
    with_proof,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.scratch import (
    Proof,
    ScratchProof,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.store import BackupStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change


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
        """Verify the backup, and note what was found. Raise UnsoundError or UnverifiedError."""
        for change in changes:
            self._verify(change.name, change.after["method"], change.data)
        self._done = True

    def _verify(self, name: str, method: str, backups: Backups) -> None:
        backup = backups[name]
        try:
            found = self._proof(name, method, backups)
        except UnverifiedError:
            raise
        except PlatformError as error:
            raise UnverifiedError(name, method, str(error)) from error
        if found.faults:
            self._write(backup, with_faults(backup, method, self._store.now, found.faults))
            raise UnsoundError(name, method, found.faults)
        self._write(backup, with_proof(backup, method, self._store.now, found.uncompared))

    def _write(self, backup: Backup, note: dict[str, t.Any]) -> None:
        if backup.is_ours:  # nothing is written beside what others made
            self._store.put_json(backup.name, VERIFIED, note)

    def _proof(self, name: str, method: str, backups: Backups) -> Proof:
        if method == "bytes":
            return Proof(byte_faults(self._store, backups, name))
        if method == "scratch":
            return ScratchProof(self._engine, self._store, self._collection, backups, name).run()
        return Proof()


def _check_recorded(backup: Backup) -> None:
    if backup.selection is None or backup.record is None:
        raise UnverifiedError(
            backup.name,
            "scratch",
            "it has no record of what its tables held, so a restore can't be compared with it. Fix: run O(state=present) "
            "for it first, or verify its bytes.",
        )
