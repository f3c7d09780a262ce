# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read the definitions of tables out of a backup."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.byte_check import file_content
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.definition import (
    Definition,
    parse_definition,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.metadata import definitions_of
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.model import Backups
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.store import BackupStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import doing
from ansible_collections.knowledgecity.platform.plugins.module_utils._parallel import in_parallel


class Definitions(t.NamedTuple):
    """The definitions by table, and why others can't be read."""

    read: dict[str, Definition]
    unread: dict[str, str]


def read_definitions(store: BackupStore, backups: Backups, name: str, tables: t.Collection[str]) -> Definitions:
    """Read the definitions of these tables, of a backup whose list is sound."""
    metadata = backups[name].metadata
    files = definitions_of(metadata) if metadata else {}
    found = Definitions({}, {table: "its definition isn't in the backup" for table in tables if table not in files})

    def read(table: str) -> tuple[str, str]:
        with doing(f"read the definition of {table} in the backup {name} in {store.place}"):
            return table, b"".join(file_content(store, backups, name, files[table])).decode(errors="replace")

    for table, text in in_parallel(read, [table for table in tables if table in files]):
        try:
            found.read[table] = parse_definition(text)
        except ValueError as error:
            found.unread[table] = f"its definition can't be read: {error}"
    return found
