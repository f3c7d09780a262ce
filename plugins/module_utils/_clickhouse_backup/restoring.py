# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Choose what of a backup is restored, under which names, and all by name. Pure functions."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.sql import (
    identifier,
    split_table,
    string,
    table_identifier,
)


@dataclasses.dataclass(frozen=True)
class Naming:
    """New names of databases. A database that isn't named keeps its name."""

    databases: tuple[tuple[str, str], ...] = ()

    def database(self, name: str) -> str:
        """Return the new name of a database."""
        return dict(self.databases).get(name, name)

    def renames(self, name: str) -> bool:
        """Return whether a database gets another name."""
        return self.database(name) != name

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
    live_objects: bool = False

    @property
    def all_rows(self) -> bool:
        """Return whether the rows of a table are restored completely, and nothing else is in it."""
        return not (self.append or self.partitions or self.structure_only)

    def holds(self, table: str) -> bool:
        """Return whether a table is restored. Where none is named, all are."""
        return not self.tables or table in self.tables


def beside(choice: Choice, names: t.Iterable[str], leave_out: t.Collection[str] = ()) -> list[str]:
    """Return the elements of a RESTORE of what gets another name, table by table, which takes nothing that isn't named."""
    renamed = [name for name in sorted(names) if choice.holds(name) and choice.naming.renames(split_table(name)[0])]
    return [_table(name, choice) for name in renamed if name not in leave_out]


def elements(selection: dict[str, t.Any], choice: Choice, leave_out: t.Collection[str] = ()) -> list[list[str]]:
    """Return the elements of one or several RESTORE statements of what keeps its name; `leave_out` are tables that need no restore.

    A database of which tables are left out needs its own statement: the grammar allows only tables after EXCEPT TABLES.
    """
    single = [name for name in choice.tables or selection["tables"] if not choice.naming.renames(split_table(name)[0])]
    whole = [_table(name, choice) for name in single if name not in leave_out]
    apart = []
    for name in () if choice.tables else selection["databases"]:
        if choice.naming.renames(name):
            continue
        excluded = [table_identifier(table) for table in sorted(leave_out) if split_table(table)[0] == name]
        if excluded:
            apart.append([f"DATABASE {identifier(name)} EXCEPT TABLES {', '.join(excluded)}"])
        else:
            whole.append(f"DATABASE {identifier(name)}")
    return [group for group in (whole, *apart) if group]


def _table(name: str, choice: Choice) -> str:
    partitions = dict(choice.partitions).get(name)
    suffix = f" PARTITIONS {', '.join(map(string, partitions))}" if partitions else ""
    return f"TABLE {table_identifier(name)} AS {table_identifier(choice.naming.table(name))}{suffix}"


def databases_of(selection: dict[str, t.Any]) -> set[str]:
    """Return the databases that a backup holds tables of."""
    return {*selection["databases"], *(split_table(name)[0] for name in selection["tables"])}
