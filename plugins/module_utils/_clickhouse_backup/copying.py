# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A backup with all its bases in another bucket, where it can be restored without the first one.

Bases are named by collection, never by address: a collection of the same name, which leads to the bucket of its own region,
makes the copy whole as it is.
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


class Copying:
    """Reads, plans and applies O(state=copied)."""

    def __init__(self, name: str, origin: BackupStore, target: BackupStore):
        self._name = name
        self._origin = origin
        self._target = target

    def read(self) -> Both:
        """Read both buckets."""
        return Both(self._origin.read(), self._target.read())

    def found(self, both: Both) -> dict[str, Backup]:
        """The backups of what was read."""
        return both.origin

    def plan(self, both: Both) -> list[Change]:
        """See `plan_copied`."""
        return plan_copied(self._name, both, self._target.place)

    def apply(self, changes: list[Change], both: Both) -> None:
        """Copy them one after another, bases first."""
        for change in changes:
            name = change.after["name"]
            missing = objects_to_copy(both.origin[name], both.target.get(name))
            self._target.copy_from(self._origin, both.origin[name], missing)


def plan_copied(name: str, both: Both, target: str) -> list[Change]:
    """Which backups of the chain to copy, bases first. Raises PlatformError where the backup isn't sound, or a name is taken."""
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
                f"{target} holds another backup of the name {member}. Give it up there first. Nothing was changed."
            )
        missing = objects_to_copy(backup, there)
        if missing:
            changes.append(
                Change("copy", f"backup {member} to {target}", None, {"name": member, "objects": len(missing)})
            )
    return changes


def objects_to_copy(backup: Backup, there: Backup | None) -> list[str]:
    """Keys of objects that aren't there, or with another size."""
    stored = there.objects if there else {}
    keys = [
        *(backup.metadata.own if backup.metadata else ()),
        *(k for k in (REQUEST, RECORD) if k in backup.objects),
        METADATA,
    ]
    return [key for key in keys if key not in stored or stored[key].size != backup.objects[key].size]
