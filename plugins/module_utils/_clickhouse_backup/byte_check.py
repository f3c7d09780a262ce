# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read every object of a backup and its bases, and compare the engine's own checksums."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.checksum import checksum
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.metadata import File
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.model import Backups, chain
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.store import BackupStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import doing
from ansible_collections.knowledgecity.platform.plugins.module_utils._parallel import in_parallel


def byte_faults(store: BackupStore, backups: Backups, name: str) -> list[str]:
    """Return the objects whose bytes are not those that were backed up, of a backup whose list is sound."""
    tasks = [(member, file) for member in chain(backups, name) for file in _own(backups, member)]

    def check(task: tuple[str, File]) -> str | None:
        member, file = task
        with doing(f"read {file.key} of the backup {member} from {store.place}"):
            found = checksum(file_content(store, backups, member, file))
        return None if found == file.checksum else f"{member}: {file.key} has other bytes than were backed up"

    return [fault for fault in in_parallel(check, tasks) if fault]


def _own(backups: Backups, name: str) -> t.Iterable[File]:
    metadata = backups[name].metadata
    return sorted(metadata.own.values(), key=lambda file: -file.own_size) if metadata else []


def file_content(store: BackupStore, backups: Backups, name: str, file: File) -> t.Iterator[bytes]:
    """Yield the whole file: what its base holds of it, then its own bytes."""
    if file.base_size:
        base = backups[name].metadata.base
        yield from file_content(
            store, backups, base, backups[base].metadata.contents[file.base_size, file.base_checksum]
        )
    if file.own_size:
        yield from store.chunks(name, file.key)
