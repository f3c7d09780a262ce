# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Which statement restores a backup, and what a table holds that is in its way. Pure functions."""

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
    """Under which database names a backup is restored; a database that isn't named keeps its name."""

    databases: tuple[tuple[str, str], ...] = ()

    def database(self, name: str) -> str:
        return dict(self.databases).get(name, name)

    def table(self, name: str) -> str:
        """The target of `database.table`."""
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
        """Whether a table of the backup is restored: all are where none is named."""
        return not self.tables or table in self.tables


def elements(selection: dict[str, t.Any], choice: Choice, leave_out: t.Collection[str] = ()) -> list[str]:
    """The elements of a RESTORE statement; `leave_out` are tables that need no restore any more."""
    naming, partitions = choice.naming, dict(choice.partitions)
    found = []
    for name in choice.tables or selection["tables"]:
        if name not in leave_out:
            chosen = partitions.get(name)
            suffix = f" PARTITIONS {', '.join(map(string, chosen))}" if chosen else ""
            found.append(f"TABLE {table_identifier(name)} AS {table_identifier(naming.table(name))}{suffix}")
    for name in () if choice.tables else selection["databases"]:
        excluded = [table_identifier(table) for table in sorted(leave_out) if split_table(table)[0] == name]
        suffix = f" EXCEPT TABLES {', '.join(excluded)}" if excluded else ""
        found.append(f"DATABASE {identifier(name)} AS {identifier(naming.database(name))}{suffix}")
    return found


def databases_of(selection: dict[str, t.Any]) -> set[str]:
    """Databases that a backup holds something of."""
    return {*selection["databases"], *(split_table(name)[0] for name in selection["tables"])}


def recorded(record: dict[str, t.Any] | None) -> dict[str, Content | None]:
    """What each table of a backup held; None where that isn't known."""
    tables = (record or {}).get("tables", {})
    return {
        name: Content(entry["rows"], entry["hash"]) if entry["hash"] is not None else None
        for name, entry in tables.items()
    }


def differences(wanted: dict[str, Content | None], found: dict[str, Content | None]) -> list[str]:
    """Tables that don't hold what they held when they were backed up."""
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
