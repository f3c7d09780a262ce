# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read what a schema holds, with the statements that create it. The cursor is passed in."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.quoting import quoted

# A table of this module in the schema that it loads; it says how far that is.
PROGRESS = "platform_restore_progress"
# What a schema stores beside its tables: kind, name and definer. Triggers in the order in which several of one table act.
_LISTINGS = (
    "SELECT 'VIEW', table_name, definer FROM information_schema.views WHERE table_schema = %s ORDER BY table_name",
    "SELECT routine_type, routine_name, definer FROM information_schema.routines WHERE routine_schema = %s"
    " ORDER BY routine_type, routine_name",
    "SELECT 'TRIGGER', trigger_name, definer FROM information_schema.triggers WHERE trigger_schema = %s"
    " ORDER BY event_object_table, event_manipulation, action_timing, action_order",
    "SELECT 'EVENT', event_name, definer FROM information_schema.events WHERE event_schema = %s ORDER BY event_name",
)
_COUNTER = re.compile(r" AUTO_INCREMENT=\d+")


@dataclasses.dataclass(frozen=True)
class Column:
    """A column that holds data; generated ones hold none."""

    name: str
    kind: str


@dataclasses.dataclass(frozen=True)
class Stored:
    """A view, routine, trigger or event: how it is created, and the session's settings that it is created with."""

    kind: str
    name: str
    statement: str
    definer: str
    settings: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """Identify it in its schema."""
        return self.kind, self.name


@dataclasses.dataclass(frozen=True)
class Inventory:
    """A schema. `tables` are statements by name, `columns` those that hold data by table."""

    charset: str
    collation: str
    tables: dict[str, str]
    columns: dict[str, tuple[Column, ...]]
    stored: tuple[Stored, ...]

    def definitions(self) -> dict[tuple[str, str], str]:
        """Return all definitions, as they are alike wherever the schema is."""
        tables = {("TABLE", name): _COUNTER.sub("", statement) for name, statement in self.tables.items()}
        return tables | {item.key: item.statement for item in self.stored}


def read(cursor: t.Any, schema: str) -> Inventory | None:
    """Read a schema, or None where there is none. It becomes the session's own, so that no statement names it."""
    cursor.execute(
        "SELECT default_character_set_name, default_collation_name FROM information_schema.schemata WHERE schema_name = %s",
        [schema],
    )
    found = cursor.fetchone()
    if not found:
        return None
    cursor.execute(f"USE {quoted(schema)}")
    cursor.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = %s AND table_type = 'BASE TABLE'"
        " ORDER BY table_name",
        [schema],
    )
    names = [name for (name,) in cursor.fetchall() if name != PROGRESS]
    tables = {name: _created(cursor, "TABLE", name)["Create Table"] for name in names}
    stored = tuple(item for listing in _LISTINGS for item in _stored(cursor, listing, schema))
    return Inventory(found[0], found[1], tables, _columns(cursor, schema, tables), stored)


def _created(cursor: t.Any, kind: str, name: str) -> dict[str, t.Any]:
    cursor.execute(f"SHOW CREATE {kind} {quoted(name)}")
    return dict(zip([item[0] for item in cursor.description], cursor.fetchone(), strict=True))


def _columns(cursor: t.Any, schema: str, tables: t.Collection[str]) -> dict[str, tuple[Column, ...]]:
    cursor.execute(
        "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = %s"
        " AND COALESCE(generation_expression, '') = '' ORDER BY table_name, ordinal_position",
        [schema],
    )
    found: dict[str, list[Column]] = {name: [] for name in tables}
    for table, name, kind in cursor.fetchall():
        if table in found:
            found[table].append(Column(name, kind.lower()))
    return {table: tuple(columns) for table, columns in found.items()}


def _settings(row: dict[str, t.Any]) -> tuple[tuple[str, str], ...]:
    # Not the client's character set: statements are sent as UTF-8, whatever they were written in.
    names = ("sql_mode", "collation_connection", "time_zone")
    return tuple((name, row[name]) for name in names if name in row)


def _stored(cursor: t.Any, listing: str, schema: str) -> list[Stored]:
    cursor.execute(listing, [schema])
    found = []
    for kind, name, definer in cursor.fetchall():
        row = _created(cursor, kind, name)
        statement = row["SQL Original Statement" if kind == "TRIGGER" else f"Create {kind.capitalize()}"]
        found.append(Stored(kind, name, statement, definer, _settings(row)))
    return found
