# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Copy the rows of a table from one server to another, and compare them. The sessions are passed in.

The server itself writes each row as it stands in an INSERT, so that no value is interpreted on its way. What is compared is the
same text, hashed in the server and added up: the order of rows doesn't matter, and their number does.
"""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.quoting import quoted
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_restore.inventory import Column

_BATCH = 512 * 1024
_GEOMETRY = (
    *("geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon"),
    *("geomcollection", "geometrycollection"),
)
_BYTES = frozenset(("tinyblob", "blob", "mediumblob", "longblob", "binary", "varbinary", "vector", *_GEOMETRY))
_NUMBERS = frozenset(("tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "double", "year"))
_TIMES = frozenset(("date", "datetime", "timestamp", "time"))

# What both sessions are set to: values mean the same in both, and are taken as they are.
SETTINGS = (
    "SET SESSION time_zone = '+00:00', sql_mode = 'NO_AUTO_VALUE_ON_ZERO', foreign_key_checks = 0, unique_checks = 0,"
    " net_read_timeout = 600, net_write_timeout = 600"
)


def literal(column: Column) -> str:
    """Return the expression whose value is the column's value as a literal."""
    name, kind = quoted(column.name), column.kind
    if kind in _BYTES:
        return f"IF({name} IS NULL, 'NULL', IF(LENGTH({name}) = 0, '\\'\\'', CONCAT('0x', HEX({name}))))"
    if kind in _NUMBERS:
        return f"IFNULL(CONCAT({name}), 'NULL')"
    if kind == "float":
        return f"IFNULL(CONCAT(CAST({name} AS DOUBLE)), 'NULL')"
    if kind == "bit":
        return f"IFNULL(CONCAT({name} + 0), 'NULL')"
    if kind in _TIMES:
        return f"IFNULL(CONCAT('\\'', {name}, '\\''), 'NULL')"
    return f"QUOTE(CONVERT({name} USING utf8mb4))"


def row_expression(columns: t.Sequence[Column]) -> str:
    """Return the expression whose value is a row as it stands in an INSERT."""
    values = ", ',', ".join(map(literal, columns))
    return f"CONCAT('(', {values}, ')')"


def copy(source: t.Any, target: t.Any, table: str, columns: t.Sequence[Column]) -> int:
    """Copy all rows, and return how many they are. ``source`` is a cursor that doesn't keep what it has read."""
    names = ", ".join(quoted(column.name) for column in columns)
    insert = f"INSERT INTO {quoted(table)} ({names}) VALUES "
    source.execute(f"SELECT {row_expression(columns)} FROM {quoted(table)}")
    count, waiting, size = 0, [], 0
    for (row,) in source:
        if row is None:
            raise PlatformError(
                f"A row of {table} is larger than the server's max_allowed_packet when it is written out. Fix: raise that "
                "parameter in both servers' parameter groups, and run again."
            )
        count, size = count + 1, size + len(row)
        waiting.append(row)
        if size > _BATCH:
            target.execute(insert + ",".join(waiting))
            waiting, size = [], 0
    if waiting:
        target.execute(insert + ",".join(waiting))
    return count


def fingerprint(cursor: t.Any, table: str, columns: t.Sequence[Column]) -> tuple[str, ...]:
    """Return the number of rows, and the sums of two parts of their hashes. MySQL 9.6 has no MD5 any more."""
    row = row_expression(columns)
    halves = ", ".join(
        f"COALESCE(SUM(CAST(CONV({side}(hash, 16), 16, 10) AS UNSIGNED)), 0)" for side in ("LEFT", "RIGHT")
    )
    cursor.execute(
        f"SELECT COUNT(*), COUNT(hash), {halves} FROM (SELECT SHA2({row}, 256) AS hash FROM {quoted(table)}) AS hashed"
    )
    return tuple(str(value) for value in cursor.fetchone())
