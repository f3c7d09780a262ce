# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read what shows that a restored server is sound: its schemas, its tables' own checks, and how new its heartbeat is."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.quoting import quoted
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.session import session
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_heartbeat import server

_SYSTEM = ("mysql", "sys", "information_schema", "performance_schema", "innodb")
_FINE = ("OK", "Table is already up to date")


def observe(
    connect: t.Callable[[], t.Any], host: str, heartbeat_schema: str, moment: datetime.datetime | None, *, check: bool
) -> dict[str, t.Any]:
    """Return the result of the module rds_restored_info."""
    with session(connect, "read the restored data", host) as cursor:
        schemas = _schemas(cursor)
        beat = server.last(cursor, heartbeat_schema)
        damaged = _damaged(cursor, schemas) if check else []
    return {
        "schemas": {name: len(tables) for name, tables in schemas.items()},
        "checked_tables": sum(map(len, schemas.values())) if check else 0,
        "damaged": damaged,
        "heartbeat": beat,
        "heartbeat_behind": _behind(beat, moment),
    }


def _schemas(cursor: t.Any) -> dict[str, list[str]]:
    cursor.execute("SELECT schema_name FROM information_schema.schemata")
    found: dict[str, list[str]] = {row[0]: [] for row in cursor.fetchall() if row[0] not in _SYSTEM}
    cursor.execute("SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'")
    for schema, table in cursor.fetchall():
        if schema in found:
            found[schema].append(table)
    return found


def _damaged(cursor: t.Any, schemas: dict[str, list[str]]) -> list[str]:
    """Let the server read every table and its indexes, and return what it finds wrong."""
    found = []
    for schema, tables in schemas.items():
        for table in tables:
            cursor.execute(f"CHECK TABLE {quoted(schema)}.{quoted(table)}")
            found += [f"{row[0]}: {row[3]}" for row in cursor.fetchall() if row[2] != "note" and row[3] not in _FINE]
    return found


def _behind(beat: str | None, moment: datetime.datetime | None) -> float | None:
    """Return how many seconds before a moment the last beat was."""
    if beat is None or moment is None:
        return None
    return round((moment - datetime.datetime.fromisoformat(beat)).total_seconds(), 1)
