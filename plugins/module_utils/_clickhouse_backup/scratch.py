# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Restore a backup into scratch databases, and compare them with what was recorded when it was made."""

from __future__ import annotations

import re
import typing as t
import uuid

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.client import ClickHouseError
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.sql import identifier, table_identifier
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup import statements, tables
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.engine import Engine
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.model import Backup
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.restoring import (
    Choice,
    Naming,
    databases_of,
    differences,
    elements,
    recorded,
)

_PREFIX = "restore_test_of"


def scratch_naming(backup: str, databases: t.Iterable[str]) -> Naming:
    """Return scratch names of databases. They are the same in each run, so that what a killed run left is found."""
    prefix = f"{_PREFIX}_{re.sub(r'[^0-9A-Za-z]', '_', backup)}__"
    return Naming(tuple((name, prefix + name) for name in sorted(databases)))


def scratch_faults(engine: Engine, collection: str, backup: Backup) -> list[str]:
    """Return what is wrong with a restored backup, and drop the scratch databases."""
    selection = backup.selection or {}
    naming = scratch_naming(backup.name, databases_of(selection))
    try:
        _drop(engine, naming)
        for database in {name.partition(".")[0] for name in selection["tables"]}:
            engine.server.run(f"CREATE DATABASE {identifier(naming.database(database))}")
        for group in elements(selection, Choice(naming)):
            identity = f"{backup.name}.{uuid.uuid4().hex}"
            engine.start(statements.restore(group, collection, backup.name, identity=identity))
            engine.wait(identity, f"restore {backup.name} into scratch databases")
        return _compare(engine, naming, backup)
    except ClickHouseError as error:
        if not error.code:
            raise
        return [f"{backup.name}: {error}"]
    finally:
        _drop(engine, naming)


def _compare(engine: Engine, naming: Naming, backup: Backup) -> list[str]:
    wanted, faults, found = recorded(backup.record), [], {}
    for name in wanted:
        target = naming.table(name)
        try:
            found[name] = tables.content(engine.server, target)
            faults += _damaged_parts(engine, target, name)
        except ClickHouseError as error:
            faults.append(f"{name} can't be read: {error}")
    return faults + differences({name: content for name, content in wanted.items() if name in found}, found)


def _damaged_parts(engine: Engine, target: str, name: str) -> list[str]:
    """Compare each part of a table with the checksums that it came with."""
    rows = engine.server.rows(f"CHECK TABLE {table_identifier(target)} SETTINGS check_query_single_value_result = 0")
    return [
        f"{name}: part {row['part_path']} is damaged: {row['message']}" for row in rows if not int(row["is_passed"])
    ]


def _drop(engine: Engine, naming: Naming) -> None:
    for _name, scratch in naming.databases:
        engine.server.run(f"DROP DATABASE IF EXISTS {identifier(scratch)} SYNC")
