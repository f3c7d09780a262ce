# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read what tables hold: their parts, each with its number of rows and the hash of all its files; or, without parts, their rows.

A part never changes, and its hash goes with it through a backup and a restore. So parts are compared without reading a row. The
hash of
rows, for tables without parts, doesn't depend on their order, and takes NULL for a value like others.
"""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.client import (
    ClickHouse,
    ClickHouseError,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.sql import string, table_identifier
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.definition import FILE_ENGINES

# cityHash64(*) is NULL where any column is, and aggregate functions leave NULL out; a tuple is never NULL. Pairs of equal rows
# cancel
# out of the one sum, and not out of the other.
_ROW = "cityHash64(tuple(*))"
_CONTENT = f"count() AS rows, hex(groupBitXor({_ROW})) AS one, hex(sum({_ROW})) AS other"
_ACCESS_DENIED = 497
_GONE = (60, 81)  # UNKNOWN_TABLE, UNKNOWN_DATABASE
_INNER = (".inner_id.", ".inner.")  # what the tables of materialized views are called: by the view's UUID, or its name
_PATCH = "patch-"  # what the parts of lightweight updates are called


class Part(t.NamedTuple):
    """A part: its number of rows, and the hash of all its files."""

    rows: int
    hash: str


class Content(t.NamedTuple):
    """Number of rows of a table, and their hash."""

    rows: int
    hash: str


class Table(t.NamedTuple):
    """A table on the server. `rows` is None where the server doesn't count them."""

    engine: str
    uuid: str
    rows: int | None
    ttl: bool = False

    @property
    def keeps_rows(self) -> bool:
        """Return whether its rows stay as many when parts are merged: it has no TTL, and puts no rows together."""
        return not self.ttl and self.engine in ("MergeTree", "ReplicatedMergeTree", "SharedMergeTree")

    @property
    def has_files(self) -> bool:
        """Return whether its rows are in files without parts."""
        return self.engine in FILE_ENGINES


class Parts:
    """The parts of tables by their names, `active` ones and those that were merged into them and still are there."""

    def __init__(self) -> None:
        self.all: dict[str, dict[str, Part]] = {}
        self.active: dict[str, dict[str, Part]] = {}
        self.patched: set[str] = set()


def existing(server: ClickHouse, databases: t.Iterable[str]) -> dict[str, Table]:
    """Read all tables of these databases, by `database.table`, without inner tables of views."""
    return {name: table for name, table in _read(server, databases) if not _is_inner(name)}


def parts(server: ClickHouse, databases: t.Collection[str]) -> Parts:
    """Read the parts of all tables of these databases. Those of a view's inner table are the view's."""
    views = _views(_read(server, databases))
    found = Parts()
    rows = server.rows(
        "SELECT concat(database, '.', table) AS full_name, name AS part, active, rows, hash_of_all_files AS hash FROM system.parts "
        f"WHERE has({_array(databases)}, database)"
    )
    for row in rows:
        name = views.get(row["full_name"], row["full_name"])
        if row["part"].startswith(_PATCH):
            if row["active"]:
                found.patched.add(name)
            continue
        part = Part(int(row["rows"]), row["hash"])
        found.all.setdefault(name, {})[row["part"]] = part
        if row["active"]:
            found.active.setdefault(name, {})[row["part"]] = part
    return found


def unknown(server: ClickHouse, databases: t.Collection[str], tables: t.Collection[str]) -> list[str]:
    """Return which of these the server doesn't have, for messages."""
    there = {row["name"] for row in server.rows("SELECT name FROM system.databases")} if databases else set()
    found = [f"no database {name}" for name in sorted(databases) if name not in there]
    known = existing(server, {name.partition(".")[0] for name in tables}) if tables else {}
    return found + [f"no table {name}" for name in sorted(tables) if name not in known]


def has_collection(server: ClickHouse, name: str) -> bool:
    """Return whether the server has this named collection; True where the user may not see any."""
    try:
        names = {row["name"] for row in server.rows("SELECT name FROM system.named_collections")}
    except ClickHouseError as error:
        if error.code != _ACCESS_DENIED:
            raise
        return True
    return name in names or not names


def content(server: ClickHouse, table: str) -> Content | None:
    """Read what a table holds; None where it does not exist. Raise ClickHouseError where it can't be read."""
    try:
        row = server.rows(f"SELECT {_CONTENT} FROM {table_identifier(table)}")[0]
    except ClickHouseError as error:
        if error.code in _GONE:
            return None
        raise
    return Content(int(row["rows"]), f"{row['one']}{row['other']}")


def _read(server: ClickHouse, databases: t.Iterable[str]) -> list[tuple[str, Table]]:
    rows = server.rows(
        "SELECT concat(database, '.', name) AS name, engine, toString(uuid) AS uuid, total_rows AS rows, "
        "position(engine_full, ' TTL ') > 0 AS ttl FROM system.tables "
        f"WHERE has({_array(databases)}, database)"
    )
    found = []
    for row in rows:
        counted = None if row["rows"] is None else int(row["rows"])
        found.append((row["name"], Table(row["engine"], row["uuid"], counted, bool(row["ttl"]))))
    return found


def _is_inner(name: str) -> bool:
    return name.partition(".")[2].startswith(_INNER)


def _views(tables: t.Iterable[tuple[str, Table]]) -> dict[str, str]:
    """Return the views of inner tables, by the latter's names."""
    found = {}
    for name, table in tables:
        database, _dot, view = name.partition(".")
        found[f"{database}.{_INNER[0]}{table.uuid}"] = name
        found[f"{database}.{_INNER[1]}{view}"] = name
    return found


def _array(names: t.Iterable[str]) -> str:
    return f"[{', '.join(map(string, sorted(set(names))))}]::Array(String)"
