# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Find the backups that retention removes. Pure functions."""

from __future__ import annotations

import datetime

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.model import (
    Backups,
    chain,
    list_faults,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.note import proven_bad

# An unfinished backup that was not written to for so long was abandoned, whichever server wrote it.
_ABANDONED = datetime.timedelta(days=1)


def kept(backups: Backups, now: datetime.datetime, keep_last: int | None, keep_days: float | None) -> set[str]:
    """Return the backups to keep: the newest sound ones, those young enough, and every base that one of these needs.

    Broken backups don't count, since they would displace sound ones. Those that the module did not make are all kept, and don't
    count either.
    """
    finished = {name: backup for name, backup in backups.items() if backup.finished}
    sound = sorted(
        (name for name, backup in finished.items() if backup.is_ours and _is_sound(backups, name)),
        key=lambda name: backups[name].created,
        reverse=True,
    )
    staying = set(sound[: keep_last or 0])
    if keep_days is not None:
        oldest = now - datetime.timedelta(days=keep_days)
        staying |= {name for name in sound if backups[name].created >= oldest}
    staying |= {name for name, backup in finished.items() if not backup.is_ours}
    newest = max((backups[name].created for name in sound), default=None)
    # What was proven bad may still hold what nothing else does, until there is a newer sound one.
    staying |= {
        name
        for name, backup in finished.items()
        if proven_bad(backups, name) and not list_faults(backups, name) and (newest is None or backup.created > newest)
    }
    return {member for name in staying for member in chain(backups, name)}


def _is_sound(backups: Backups, name: str) -> bool:
    return not list_faults(backups, name) and not proven_bad(backups, name)


def foreign(backups: Backups) -> list[str]:
    """Return the names of what the module did not make: it is never removed."""
    return sorted(name for name, backup in backups.items() if not backup.is_ours)


def to_remove(backups: Backups, now: datetime.datetime, keep_last: int | None, keep_days: float | None) -> list[str]:
    """Return the backups to remove, of the module's own: those not kept, a base after what is built on it, then abandoned ones."""
    staying = kept(backups, now, keep_last, keep_days)
    ours = {name: backup for name, backup in backups.items() if backup.is_ours}
    removed = [name for name, backup in ours.items() if backup.finished and name not in staying]
    abandoned = sorted(name for name, it in ours.items() if not it.finished and now - it.touched > _ABANDONED)
    ordered = sorted(removed, key=lambda name: (len(chain(backups, name)), backups[name].created), reverse=True)
    return ordered + abandoned
