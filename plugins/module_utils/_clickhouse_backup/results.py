# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What the modules return about a backup. Pure functions."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup import metadata
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.model import (
    Backup,
    Backups,
    chain,
    list_faults,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.verified import (
    METHODS,
    READING_METHODS,
    noted_methods,
    verified_at,
)


def backup_result(backups: Backups, name: str) -> dict[str, t.Any]:
    """One backup; sizes are bytes."""
    backup = backups.get(name)
    if backup is None:
        return {"name": name, "exists": False}
    result: dict[str, t.Any] = {
        "name": name,
        "exists": backup.metadata is not None,
        "finished": backup.finished,
        "selection": backup.selection,
        "faults": list_faults(backups, name),
        "chain": chain(backups, name),
    }
    if backup.metadata is not None:
        newest = verified_at(backup, "list")
        result |= metadata.describe(backup.metadata)
        result |= {
            "created": backup.created.isoformat(),
            "duration": (backup.record or {}).get("seconds"),
            "tables": _tables(backup),
            "verified_at": newest.isoformat() if newest else None,
            "verified_by": [method for method in METHODS if method in noted_methods(backup)],
        }
    return result


def _tables(backup: Backup) -> dict[str, t.Any]:
    """What was recorded of each table, without its parts."""
    recorded = (backup.record or {}).get("tables", {})
    return {name: {key: entry[key] for key in entry if key != "parts"} for name, entry in recorded.items()}


def orphans(backups: Backups) -> list[str]:
    """Finished backups whose chain doesn't end in a full backup, or has another one in the place of a base."""
    return sorted(name for name, backup in backups.items() if backup.finished and not _chain_holds(backups, name))


def _chain_holds(backups: Backups, name: str) -> bool:
    for member in chain(backups, name):
        metadata_ = backups[member].metadata
        if metadata_ is None:
            return False
        if metadata_.base is not None:
            base = backups.get(metadata_.base)
            if base is None or base.metadata is None or base.metadata.uuid != metadata_.base_uuid:
                return False
    return True


def newest_verified(backups: Backups, now: datetime.datetime) -> dict[str, t.Any]:
    """The newest sound backup that was read when it was verified; without one, no name and no age."""
    read = {
        name: [method for method in READING_METHODS if method in noted_methods(backup)]
        for name, backup in backups.items()
        if not list_faults(backups, name)
    }
    names = sorted((name for name, methods in read.items() if methods), key=lambda name: backups[name].created)
    if not names:
        return {"name": None, "age": None, "by": []}
    newest = names[-1]
    return {"name": newest, "age": (now - backups[newest].created).total_seconds(), "by": read[newest]}
