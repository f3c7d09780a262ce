# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Model backups as S3 holds them, complete, unfinished or broken, and their chains. Pure functions, no client."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.metadata import Metadata

METADATA = ".backup"
LOCK = ".lock"
# The module's own objects, which are copied with a backup: what was asked for, and what was measured.
REQUEST = ".request.json"
RECORD = ".record.json"
# They aren't copied: what was verified of one bucket, or restored from it, says nothing about another.
VERIFIED = ".verified.json"
RESTORED = ".restored.json"


@dataclasses.dataclass(frozen=True)
class StoredObject:
    """An object's size in bytes, and when S3 stored it."""

    size: int
    modified: datetime.datetime


@dataclasses.dataclass(frozen=True)
class Backup:
    """One backup: its objects by their key below its name, and their contents."""

    name: str
    objects: dict[str, StoredObject]
    metadata: Metadata | None = None
    fault: str = ""
    request: dict[str, t.Any] | None = None
    record: dict[str, t.Any] | None = None
    verified: dict[str, t.Any] | None = None
    restored: dict[str, t.Any] | None = None

    @property
    def finished(self) -> bool:
        """Return whether the engine finished it; objects may be lost nevertheless."""
        return METADATA in self.objects

    @property
    def created(self) -> datetime.datetime:
        """Return when it was finished by S3's clock, in the region where it was made."""
        stated = (self.record or {}).get("created")
        return datetime.datetime.fromisoformat(stated) if stated else self.objects[METADATA].modified

    @property
    def touched(self) -> datetime.datetime:
        """Return when S3 last stored one of its objects."""
        return max(item.modified for item in self.objects.values())

    @property
    def is_ours(self) -> bool:
        """Return whether the module made it, by its request; what others put beside it has none."""
        request = self.request or {}
        identity = request.get("id")
        return isinstance(identity, str) and bool(identity) and isinstance(request.get("selection"), dict)

    @property
    def selection(self) -> dict[str, t.Any] | None:
        """Return what it was asked to hold; None for a backup that the module did not make."""
        return (self.request or {}).get("selection")


Backups = t.Mapping[str, Backup]


def chain(backups: Backups, name: str) -> list[str]:
    """Return the backup and its bases, newest first, as far as they are there."""
    found: list[str] = []
    current: str | None = name
    while current is not None and current in backups and current not in found:
        found.append(current)
        metadata = backups[current].metadata
        current = metadata.base if metadata else None
    return found


def needed_by(backups: Backups, name: str) -> list[str]:
    """Return the backups that can't be restored without this one."""
    return sorted(other for other in backups if other != name and name in chain(backups, other))


def list_faults(backups: Backups, name: str) -> list[str]:
    """Return what is wrong with a backup and its bases by the list of objects; nothing for a sound one.

    It finds everything except a change that keeps an object's size.
    """
    faults: list[str] = []
    for member in chain(backups, name):
        faults += own_faults(backups[member])
        faults += _base_faults(backups, backups[member])
    return faults if name in backups else [f"{name} does not exist"]


def own_faults(backup: Backup) -> list[str]:
    """Return what is wrong with a backup's own objects by the list."""
    if backup.metadata is None:
        return [f"{backup.name}: {backup.fault or 'it was never finished'}"]
    faults = [f"{backup.name}: {conflict}" for conflict in backup.metadata.conflicts]
    for key, file in sorted(backup.metadata.own.items()):
        stored = backup.objects.get(key)
        if stored is None:
            faults.append(f"{backup.name}: {key} is missing")
        elif stored.size != file.own_size:
            faults.append(f"{backup.name}: {key} has {stored.size} bytes instead of {file.own_size}")
    return faults


def _base_faults(backups: Backups, backup: Backup) -> list[str]:
    metadata = backup.metadata
    if metadata is None or metadata.base is None:
        return []
    base = backups.get(metadata.base)
    if base is None or not base.finished:
        return [f"{backup.name}: its base {metadata.base} is missing"]
    if base.metadata is None:
        return []  # its own fault is reported
    if base.metadata.uuid != metadata.base_uuid:
        return [f"{backup.name}: its base {metadata.base} was taken anew since: it has another uuid"]
    absent = [
        file.name
        for file in metadata.files
        if file.base_size and (file.base_size, file.base_checksum) not in base.metadata.contents
    ]
    return [f"{backup.name}: its base {metadata.base} does not hold {file}" for file in absent]
