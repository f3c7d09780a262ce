# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read the tables that a backup is compared with: their number of rows, and a hash of them.

The hash is groupBitXor(cityHash64(*)): it doesn't depend on the order of rows or on how they lie in parts, so that sums over
parts and over a whole table agree. Pairs of equal rows cancel out, which the number of rows shows.
"""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.client import (
    ClickHouse,
    ClickHouseError,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.sql import (
    split_table,
    string,
    table_identifier,
)

# Engines that store rows; the rows of a view are another table's.
_WITH_ROWS = "(engine LIKE '%MergeTree' OR engine IN ('Log', 'TinyLog', 'StripeLog', 'Memory'))"
_CONTENT = "count() AS rows, groupBitXor(cityHash64(*)) AS hash"
_ACCESS_DENIED = 497
_GONE = (60, 81)  # UNKNOWN_TABLE, UNKNOWN_DATABASE


class Content(t.NamedTuple):
    """Number of rows, and their hash."""

    rows: int
    hash: int


def existing(server: ClickHouse, databases: t.Iterable[str]) -> dict[str, str]:
    """Read the engines of all tables of these databases, by `database.table`, without inner tables of views."""
    rows = server.rows(
        "SELECT concat(database, '.', name) AS name, engine FROM system.tables "
        "WHERE has({databases:Array(String)}, database) AND NOT startsWith(name, '.inner')",
        {"databases": _array(databases)},
    )
    return {row["name"]: row["engine"] for row in rows}


def with_rows(server: ClickHouse, databases: t.Iterable[str]) -> dict[str, bool]:
    """Read the tables that store rows, by `database.table`; True for those that store them in parts."""
    rows = server.rows(
        f"SELECT concat(database, '.', name) AS name, engine LIKE '%MergeTree' AS parts FROM system.tables "
        f"WHERE has({{databases:Array(String)}}, database) AND {_WITH_ROWS} AND NOT startsWith(name, '.inner')",
        {"databases": _array(databases)},
    )
    return {row["name"]: bool(row["parts"]) for row in rows}


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
    return Content(int(row["rows"]), int(row["hash"]))


def parts(server: ClickHouse, table: str, known: t.Collection[str]) -> dict[str, Content]:
    """Read what each of a table's parts holds that isn't `known`, by the part's name; nothing where the table is gone."""
    database, name = split_table(table)
    active = server.rows(
        "SELECT name FROM system.parts WHERE active AND database = {database:String} AND table = {table:String}",
        {"database": database, "table": name},
    )
    wanted = {row["name"] for row in active} - set(known)
    if not wanted:
        return {}
    try:
        rows = server.rows(
            f"SELECT _part AS part, {_CONTENT} FROM {table_identifier(table)} "
            f"WHERE _part IN ({', '.join(map(string, sorted(wanted)))}) GROUP BY _part"
        )
    except ClickHouseError as error:
        if error.code in _GONE:
            return {}
        raise
    return {row["part"]: Content(int(row["rows"]), int(row["hash"])) for row in rows}


def total(contents: t.Iterable[Content]) -> Content:
    """Return what several parts hold together."""
    rows = value = 0
    for item in contents:
        rows += item.rows
        value ^= item.hash
    return Content(rows, value)


def _array(names: t.Iterable[str]) -> str:
    quoted = ("'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'" for name in sorted(set(names)))
    return f"[{','.join(quoted)}]"
