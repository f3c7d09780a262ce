# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Note which tables were restored from a backup, so that a later run knows them although rows have changed. Pure functions."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.model import Backup

Receipt = dict[str, t.Any]
_NO_UUID = "00000000-0000-0000-0000-000000000000"  # what tables of an Ordinary database have


def finished(backup: Backup, uuids: t.Mapping[str, str]) -> Receipt:
    """Return the note with tables that were restored, by name and UUID."""
    note = _note(backup)
    return note | {"restored": note["restored"] | {name: uuid for name, uuid in uuids.items() if uuid != _NO_UUID}}


def was_restored(backup: Backup, target: str, uuid: str) -> bool:
    """Return whether this very table was restored from the backup."""
    return uuid != _NO_UUID and _note(backup)["restored"].get(target) == uuid


def _note(backup: Backup) -> Receipt:
    uuid = backup.metadata.uuid if backup.metadata else None
    note = backup.restored or {}
    return {"restored": {}} | note if note.get("uuid") == uuid else {"uuid": uuid, "restored": {}}
