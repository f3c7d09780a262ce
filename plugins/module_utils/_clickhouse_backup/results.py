# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Build the results of the modules."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup import metadata
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.engine import Engine
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.model import (
    Backup,
    Backups,
    chain,
    list_faults,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.note import (
    METHODS,
    READING_METHODS,
    noted_faults,
    noted_methods,
    noted_uncompared,
    proven_bad,
    verified_at,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.record import uncompared


def backup_result(backups: Backups, name: str) -> dict[str, t.Any]:
    """Describe one backup; sizes are bytes."""
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
            "uncompared": _uncompared(backup),
            "verified_at": newest.isoformat() if newest else None,
            "verified_by": [method for method in METHODS if method in noted_methods(backup)],
            "verdict": _verdict(backup),
        }
    return result


def unfinished_result(backup: Backup, now: datetime.datetime, engine: Engine | None) -> dict[str, t.Any]:
    """Describe an unfinished backup, with the progress that the engine reports."""
    identity = (backup.request or {}).get("id")
    progress = engine.progress(identity) if engine and identity else None
    return {
        "name": backup.name,
        "objects": len(backup.objects),
        "age": (now - backup.touched).total_seconds(),
        "running": bool(progress and progress.running),
        "progress": progress.in_words() if progress and progress.running else "",
    }


def _tables(backup: Backup) -> dict[str, t.Any]:
    """Return what was recorded of each table, without its parts."""
    recorded = (backup.record or {}).get("tables", {})
    return {name: {key: entry[key] for key in entry if key != "parts"} for name, entry in recorded.items()}


def _uncompared(backup: Backup) -> list[dict[str, str]]:
    """Return the tables whose rows no restore can be compared with, and those that the last proof could not compare."""
    reasons = uncompared(backup) | noted_uncompared(backup)
    return [{"table": name, "reason": reason} for name, reason in sorted(reasons.items())]


def _verdict(backup: Backup) -> str:
    """Return what verifications by reading found last."""
    if noted_faults(backup):
        return "unsound"
    return "proven" if any(method in noted_methods(backup) for method in READING_METHODS) else "unverified"


def orphans(backups: Backups) -> list[str]:
    """Return finished backups whose chain doesn't end in a full backup, or has another backup in the place of a base."""
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
    """Describe the newest sound backup that was verified by reading it; without one, no name and no age."""
    verified = {
        name: [method for method in READING_METHODS if method in noted_methods(backup)]
        for name, backup in backups.items()
        if backup.is_ours and not list_faults(backups, name) and not proven_bad(backups, name)
    }
    names = sorted((name for name, methods in verified.items() if methods), key=lambda name: backups[name].created)
    if not names:
        return {"name": None, "age": None, "by": [], "uncompared": []}
    newest = names[-1]
    return {
        "name": newest,
        "age": (now - backups[newest].created).total_seconds(),
        "by": verified[newest],
        "uncompared": _uncompared(backups[newest]),
    }
