# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Choose what of a backup is restored, under which names, and compare tables with it. Pure functions."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.sql import (
    identifier,
    split_table,
    string,
    table_identifier,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.tables import Content


@dataclasses.dataclass(frozen=True)
class Naming:
    """New names of databases. A database that isn't named keeps its name."""

    databases: tuple[tuple[str, str], ...] = ()

    def database(self, name: str) -> str:
        """Return the new name of a database."""
        return dict(self.databases).get(name, name)

    def table(self, name: str) -> str:
        """Return the new name of `database.table`."""
        database, table = split_table(name)
        return f"{self.database(database)}.{table}"


@dataclasses.dataclass(frozen=True)
class Choice:
    """What of a backup is restored, and how."""

    naming: Naming = Naming()
    tables: tuple[str, ...] = ()
    partitions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    structure_only: bool = False
    append: bool = False

    def holds(self, table: str) -> bool:
        """Return whether a table is restored. Where none is named, all are."""
        return not self.tables or table in self.tables


def elements(selection: dict[str, t.Any], choice: Choice, leave_out: t.Collection[str] = ()) -> list[list[str]]:
    """Return the elements of one or several RESTORE statements; `leave_out` are tables that need no restore.

    A database of which tables are left out needs its own statement: the grammar allows only tables after EXCEPT TABLES.
    """
    whole = [_table(name, choice) for name in choice.tables or selection["tables"] if name not in leave_out]
    apart = []
    for name in () if choice.tables else selection["databases"]:
        element = f"DATABASE {identifier(name)} AS {identifier(choice.naming.database(name))}"
        excluded = [table_identifier(table) for table in sorted(leave_out) if split_table(table)[0] == name]
        if excluded:
            apart.append([f"{element} EXCEPT TABLES {', '.join(excluded)}"])
        else:
            whole.append(element)
    return [group for group in (whole, *apart) if group]


def _table(name: str, choice: Choice) -> str:
    partitions = dict(choice.partitions).get(name)
    suffix = f" PARTITIONS {', '.join(map(string, partitions))}" if partitions else ""
    return f"TABLE {table_identifier(name)} AS {table_identifier(choice.naming.table(name))}{suffix}"


def databases_of(selection: dict[str, t.Any]) -> set[str]:
    """Return the databases that a backup holds tables of."""
    return {*selection["databases"], *(split_table(name)[0] for name in selection["tables"])}


def recorded(record: dict[str, t.Any] | None) -> dict[str, Content | None]:
    """Return what each table of a backup held; None where that isn't known."""
    tables = (record or {}).get("tables", {})
    return {
        name: Content(entry["rows"], entry["hash"]) if entry["hash"] is not None else None
        for name, entry in tables.items()
    }


def differences(wanted: dict[str, Content | None], found: dict[str, Content | None]) -> list[str]:
    """Return how tables differ from what they held when they were backed up."""
    faults = []
    for name, content in sorted(wanted.items()):
        there = found.get(name)
        if there is None:
            faults.append(f"{name} was not restored")
        elif content is not None and there.rows != content.rows:
            faults.append(f"{name} has {there.rows} rows instead of {content.rows}")
        elif content is not None and there.hash != content.hash:
            faults.append(f"{name} has {there.rows} rows, but with other contents than were backed up")
    return faults
