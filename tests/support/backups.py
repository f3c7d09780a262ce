# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Make ClickHouse backups as S3 lists them, for the tests of pure functions."""

from __future__ import annotations

import datetime

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.metadata import File, Metadata
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.model import (
    Backup,
    StoredObject,
)

NOW = datetime.datetime(2026, 11, 25, 12, 0, tzinfo=datetime.UTC)
SELECTION = {"databases": ["d"]}


def backup(name: str, *, base: Backup | None = None, days: float = 0, selection=SELECTION, **lost) -> Backup:
    """Make a finished backup that is `days` old, with one file of its own and the files of its base.

    `lost` overrides the stored size of an object by its key ("own"); None removes it.
    """
    own = File(f"data/d/t/{name}_0/data.bin", 10, f"checksum-{name}")
    inherited = [
        File(file.name, file.size, file.checksum, file.size, file.checksum)
        for file in (base.metadata.files if base else ())
    ]
    metadata = Metadata(
        f"uuid-{name}", "", base.name if base else None, base.metadata.uuid if base else "", (own, *inherited)
    )
    modified = NOW - datetime.timedelta(days=days)
    sizes = {own.key: lost.get("own", 10), ".backup": 100, ".request.json": 5}
    objects = {key: StoredObject(size, modified) for key, size in sizes.items() if size is not None}
    return Backup(name, objects, metadata, request={"id": f"id-{name}", "selection": selection})


def by_name(*backups: Backup) -> dict[str, Backup]:
    """Return the backups by their names."""
    return {item.name: item for item in backups}
