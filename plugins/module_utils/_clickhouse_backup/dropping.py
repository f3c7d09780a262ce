# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Drop the databases of proofs, and those that killed proofs left."""

from __future__ import annotations

import re

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.sql import (
    identifier,
    string,
    table_identifier,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.engine import Engine
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError

_PREFIX = "restore_test_of_"
# Seconds after which another proof's database was left by a run that was killed: none takes longer without being seen in
# system.backups.
_LEFT_AFTER = 6 * 3600
# Without them a table of more than 50 GB can't be dropped.
_LIMITS = ("max_table_size_to_drop", "max_partition_size_to_drop")


def scratch_database(backup: str) -> str:
    """Return the name of the database for a proof. It is the same in each run, so that what a killed run left is found."""
    return f"{_PREFIX}{re.sub(r'[^0-9A-Za-z]', '_', backup)}"


def sweep(engine: Engine, own: str) -> None:
    """Drop what a killed run left of this proof, and of others where nothing is restored any more.

    Raise PlatformError where this proof is going on.
    """
    rows = engine.server.rows(
        "SELECT d.name AS name, toUnixTimestamp(now()) - toUnixTimestamp(max(t.metadata_modification_time)) AS age "
        "FROM system.databases AS d LEFT JOIN system.tables AS t ON t.database = d.name "
        f"WHERE startsWith(d.name, {string(_PREFIX)}) GROUP BY d.name"
    )
    for row in rows:
        name = row["name"]
        restoring = engine.restoring(f"{name}.")
        if name == own and restoring:
            raise PlatformError(
                f"The server is restoring into {name}: another run verifies this backup, or one was killed that did. Fix: wait "
                "until system.backups shows the end of it."
            )
        if not restoring and (name == own or int(row["age"]) > _LEFT_AFTER):
            drop_scratch(engine, name)


def drop_scratch(engine: Engine, database: str) -> None:
    """Drop a proof's database with its tables, whatever their size."""
    if not database.startswith(_PREFIX):
        raise ValueError(f"{database} is no database of a proof")
    settings = dict.fromkeys(engine.known_settings(_LIMITS), 0)
    names = engine.server.rows(
        f"SELECT concat(database, '.', name) AS name FROM system.tables WHERE database = {string(database)}"
    )
    for row in names:
        engine.server.run(f"DROP TABLE IF EXISTS {table_identifier(row['name'])} SYNC", settings)
    engine.server.run(f"DROP DATABASE IF EXISTS {identifier(database)} SYNC", settings)
