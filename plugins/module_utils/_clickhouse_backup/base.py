# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Choose the backup that a new one builds on. Pure functions."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.model import (
    Backup,
    Backups,
    chain,
    list_faults,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.note import suspect

AUTO = "auto"
NONE = "none"


def choose(backups: Backups, name: str, selection: dict[str, t.Any], base: str, max_chain: int) -> str | None:
    """Return the base's name, or None for a full backup. Raise ValueError where the stated base can't be used.

    `auto` takes the newest sound backup of the same selection whose chain has room; a chain of n holds a full backup and
    n - 1 incremental ones. A chain in which a verification found a fault isn't built on.
    """
    if base == NONE:
        return None
    if base != AUTO:
        _check(backups, base, max_chain)
        return base
    candidates = sorted(
        (backup for backup in backups.values() if _fits(backup, name, selection)), key=lambda backup: backup.created
    )
    for backup in reversed(candidates):
        if backup.metadata and backup.metadata.conflicts:
            return None  # on the same base the next one would mix up files too
        if not list_faults(backups, backup.name) and not suspect(backups, backup.name):
            return backup.name if len(chain(backups, backup.name)) < max_chain else None
    return None


def _fits(backup: Backup, name: str, selection: dict[str, t.Any]) -> bool:
    return backup.name != name and backup.is_ours and backup.metadata is not None and backup.selection == selection


def _check(backups: Backups, base: str, max_chain: int) -> None:
    if base not in backups:
        raise ValueError(f"O(base): there is no backup {base}.")
    faults = list_faults(backups, base)
    if faults:
        raise ValueError(f"O(base): {base} is not sound, and nothing can be built on it: {'; '.join(faults[:5])}.")
    if suspect(backups, base):
        raise ValueError(
            f"O(base): a verification found faults in {base} or its chain, and nothing can be built on it."
        )
    length = len(chain(backups, base)) + 1
    if length > max_chain:
        raise ValueError(
            f"O(base): on {base} this would be a chain of {length} backups, and O(max_chain) is {max_chain}. "
            "Fix: make a full one (O(base=none))."
        )
