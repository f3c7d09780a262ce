# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Quote names and strings in ClickHouse's SQL (clickhouse.com/docs/sql-reference/syntax). Pure functions."""

from __future__ import annotations


def identifier(name: str) -> str:
    """Return a name in backticks."""
    return _quoted(name, "`")


def string(text: str) -> str:
    """Return a string literal."""
    return _quoted(text, "'")


def split_table(name: str) -> tuple[str, str]:
    """Return database and table of `database.table`. Raise ValueError where one is missing."""
    database, dot, table = name.partition(".")
    if not (database and dot and table):
        raise ValueError(f"{name!r} is no database.table")
    return database, table


def table_identifier(name: str) -> str:
    """Return `database.table` with both names quoted."""
    database, table = split_table(name)
    return f"{identifier(database)}.{identifier(table)}"


def _quoted(text: str, quote: str) -> str:
    return quote + text.replace("\\", "\\\\").replace(quote, "\\" + quote) + quote
