# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read what a schema holds, with the statements that create it. The cursor is passed in."""

from __future__ import annotations

import dataclasses
import re
import typing as t

# A table of this module in the schema that it loads; it says how far that is.
PROGRESS = "platform_restore_progress"
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


def quoted(name: str) -> str:
    """Quote an identifier."""
    return f"`{name.replace('`', '``')}`"


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
        "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = %s ORDER BY table_name",
        [schema],
    )
    listed = [(name, kind) for name, kind in cursor.fetchall() if name != PROGRESS]
    tables = {name: _created(cursor, "TABLE", name)["Create Table"] for name, kind in listed if kind == "BASE TABLE"}
    views = [_view(cursor, name) for name, kind in listed if kind == "VIEW"]
    stored = [*views, *_routines(cursor, schema), *_triggers(cursor, schema), *_events(cursor, schema)]
    return Inventory(found[0], found[1], tables, _columns(cursor, schema, tables), tuple(stored))


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


def _view(cursor: t.Any, name: str) -> Stored:
    row = _created(cursor, "VIEW", name)
    cursor.execute(
        "SELECT definer FROM information_schema.views WHERE table_schema = DATABASE() AND table_name = %s", [name]
    )
    return Stored("VIEW", name, row["Create View"], cursor.fetchone()[0], _settings(row))


def _routines(cursor: t.Any, schema: str) -> list[Stored]:
    cursor.execute(
        "SELECT routine_type, routine_name, definer FROM information_schema.routines WHERE routine_schema = %s"
        " ORDER BY routine_type, routine_name",
        [schema],
    )
    found = []
    for kind, name, definer in cursor.fetchall():
        row = _created(cursor, kind, name)
        found.append(Stored(kind, name, row[f"Create {kind.capitalize()}"], definer, _settings(row)))
    return found


def _triggers(cursor: t.Any, schema: str) -> list[Stored]:
    """Read triggers in the order in which several of one table act."""
    cursor.execute(
        "SELECT trigger_name, definer FROM information_schema.triggers WHERE trigger_schema = %s"
        " ORDER BY event_object_table, event_manipulation, action_timing, action_order",
        [schema],
    )
    found = []
    for name, definer in cursor.fetchall():
        row = _created(cursor, "TRIGGER", name)
        found.append(Stored("TRIGGER", name, row["SQL Original Statement"], definer, _settings(row)))
    return found


def _events(cursor: t.Any, schema: str) -> list[Stored]:
    cursor.execute(
        "SELECT event_name, definer FROM information_schema.events WHERE event_schema = %s ORDER BY event_name",
        [schema],
    )
    found = []
    for name, definer in cursor.fetchall():
        row = _created(cursor, "EVENT", name)
        found.append(Stored("EVENT", name, row["Create Event"], definer, _settings(row)))
    return found
