# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Note what verifications found, beside the backup. A later finding is added; no earlier one is erased. Pure functions."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.model import (
    Backup,
    Backups,
    chain,
    needed_by,
)

READING_METHODS = ("bytes", "scratch")
METHODS = ("list", *READING_METHODS)
_SHOWN = 20


def with_proof(backup: Backup, method: str, now: datetime.datetime, uncompared: dict[str, str]) -> dict[str, t.Any]:
    """Return the note after a method found the backup sound, but for tables that it could not compare."""
    note = _note(backup)
    note["methods"] = note["methods"] | {method: now.isoformat()}
    if method == "scratch":
        note["uncompared"] = uncompared
    return note


def with_faults(backup: Backup, method: str, now: datetime.datetime, faults: list[str]) -> dict[str, t.Any]:
    """Return the note after a method found faults."""
    note = _note(backup)
    note["faults"] = note["faults"] | {method: {"at": now.isoformat(), "faults": faults[:_SHOWN]}}
    return note


def _note(backup: Backup) -> dict[str, t.Any]:
    """Return the note of this backup; one of another backup of the name doesn't count."""
    note = backup.verified or {}
    if backup.metadata is None or note.get("uuid") != backup.metadata.uuid:
        note = {"uuid": backup.metadata.uuid if backup.metadata else None}
    return {"methods": {}, "faults": {}} | note


def noted_faults(backup: Backup) -> list[str]:
    """Return what a method found wrong with the backup last, unless it found it sound since."""
    note = _note(backup)
    return [
        fault
        for method, found in sorted(note["faults"].items())
        if found["at"] > note["methods"].get(method, "")
        for fault in found["faults"]
    ]


def noted_methods(backup: Backup) -> dict[str, str]:
    """Return when each method last found this backup sound. Where one found a fault since, none counts."""
    return {} if noted_faults(backup) else _note(backup)["methods"]


def noted_uncompared(backup: Backup) -> dict[str, str]:
    """Return the tables that the last proof could not compare, with the reasons."""
    return _note(backup).get("uncompared") or {}


def verified_at(backup: Backup, method: str) -> datetime.datetime | None:
    """Return when a method last found the backup sound. The list is part of the two others."""
    accepted = METHODS if method == "list" else (method,)
    moments = [moment for name, moment in noted_methods(backup).items() if name in accepted]
    return max(map(datetime.datetime.fromisoformat, moments), default=None)


def proven_bad(backups: Backups, name: str) -> bool:
    """Return whether a verification found faults in this backup or one that it is based on."""
    return any(noted_faults(backups[member]) for member in chain(backups, name))


def suspect(backups: Backups, name: str) -> bool:
    """Return whether nothing should be built on a backup: it was proven bad, or another one of its chain was.

    What a restore shows to be damaged may be stored in any backup of the chain.
    """
    return proven_bad(backups, name) or any(noted_faults(backups[other]) for other in needed_by(backups, name))
