# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Copy a backup with all its bases to another bucket, where it can be restored without the first one.

Bases are named by collection, never by address. A collection of the same name that leads to the other bucket makes the copy
complete.
"""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.model import (
    METADATA,
    RECORD,
    REQUEST,
    Backup,
    chain,
    list_faults,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.store import BackupStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change


class Both(t.NamedTuple):
    """The backups of both buckets."""

    origin: dict[str, Backup]
    target: dict[str, Backup]


class CopiedReconciler:
    """Read, plan and apply O(state=copied)."""

    def __init__(self, name: str, origin: BackupStore, target: BackupStore):
        self._name = name
        self._origin = origin
        self._target = target

    def read(self) -> Both:
        """Read both buckets."""
        return Both(self._origin.read(), self._target.read())

    def backups(self, both: Both) -> dict[str, Backup]:
        """Return the backups of the first bucket."""
        return both.origin

    def plan(self, both: Both) -> list[Change]:
        """Plan the copies, see `plan_copied`."""
        return plan_copied(self._name, both, self._target.place)

    def apply(self, changes: list[Change]) -> None:
        """Copy the backups one after another, bases first."""
        for change in changes:
            self._target.copy_from(self._origin, change.name, change.data)


def plan_copied(name: str, both: Both, target: str) -> list[Change]:
    """Plan a copy of each backup of the chain, bases first. Its data are the keys of the objects to copy.

    Raise PlatformError where the backup isn't sound, or a name is in use.
    """
    faults = list_faults(both.origin, name)
    if faults:
        raise PlatformError(
            f"The backup can't be copied, it is not sound: {'; '.join(faults[:5])}. Nothing was changed."
        )
    changes = []
    for member in reversed(chain(both.origin, name)):
        backup, there = both.origin[member], both.target.get(member)
        if there and there.metadata and backup.metadata and there.metadata.uuid != backup.metadata.uuid:
            raise PlatformError(
                f"{target} holds another backup of the name {member}. Fix: remove that one first. Nothing was changed."
            )
        if there and not there.is_ours and backup.is_ours:
            raise PlatformError(
                f"{target} holds {member}, which was not made by this module. Fix: choose another O(copy_to.prefix). Nothing "
                "was changed."
            )
        missing = objects_to_copy(backup, there)
        if missing:
            after, title = {"name": member, "objects": len(missing)}, f"backup {member} to {target}"
            changes.append(Change("copy", "backup", member, None, after, title=title, data=missing))
    return changes


def objects_to_copy(backup: Backup, there: Backup | None) -> list[str]:
    """Return the keys of objects that are missing there, or have another size."""
    stored = there.objects if there else {}
    keys = [
        *(backup.metadata.own if backup.metadata else ()),
        *(k for k in (REQUEST, RECORD) if k in backup.objects),
        METADATA,
    ]
    return [key for key in keys if key not in stored or stored[key].size != backup.objects[key].size]
