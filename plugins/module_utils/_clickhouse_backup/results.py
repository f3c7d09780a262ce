# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What the modules return about a backup. Pure functions."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup import metadata
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.model import (
    Backups,
    chain,
    list_faults,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.verified import (
    METHODS,
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
            "tables": (backup.record or {}).get("tables"),
            "verified_at": newest.isoformat() if newest else None,
            "verified_by": [method for method in METHODS if method in noted_methods(backup)],
        }
    return result
