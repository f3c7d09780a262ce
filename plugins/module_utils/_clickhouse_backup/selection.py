# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Select what a backup holds. Pure functions."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.sql import (
    identifier,
    split_table,
    string,
    table_identifier,
)

# The system tables in which ClickHouse backs up its access entities.
_ACCESS_TABLES = ("users", "roles", "settings_profiles", "row_policies", "quotas")


@dataclasses.dataclass(frozen=True)
class Selection:
    """Databases with the tables to leave out, single tables with their partitions, and access entities."""

    databases: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    exclude_tables: tuple[str, ...] = ()
    partitions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    access_entities: bool = False

    @classmethod
    def from_options(cls, options: dict[str, t.Any]) -> Selection:
        """Take the selection from the options of the module."""
        partitions = options.get("partitions") or {}
        return cls(
            databases=tuple(sorted(set(options.get("databases") or []))),
            tables=tuple(sorted(set(options.get("tables") or []))),
            exclude_tables=tuple(sorted(set(options.get("exclude_tables") or []))),
            partitions=tuple((table, tuple(sorted(map(str, values)))) for table, values in sorted(partitions.items())),
            access_entities=bool(options.get("access_entities")),
        )

    @property
    def all_databases(self) -> set[str]:
        """Return the databases that it takes something of."""
        return {*self.databases, *(name.partition(".")[0] for name in self.tables)}

    def holds(self, table: str) -> bool:
        """Return whether it takes a table, `database.table`."""
        if table in self.tables:
            return True
        return table.partition(".")[0] in self.databases and table not in self.exclude_tables

    def to_record(self) -> dict[str, t.Any]:
        """Return plain data, equal for equal selections."""
        return {
            "databases": list(self.databases),
            "tables": list(self.tables),
            "exclude_tables": list(self.exclude_tables),
            "partitions": {table: list(values) for table, values in self.partitions},
            "access_entities": self.access_entities,
        }

    def problems(self) -> list[str]:
        """Return what is wrong with it by itself."""
        wrong_names = self._wrong_names()
        if wrong_names:
            return wrong_names
        found = []
        if not (self.databases or self.tables or self.access_entities):
            found.append("Nothing to back up. Fix: set O(databases), O(tables) or O(access_entities).")
        for name in self.exclude_tables:
            if split_table(name)[0] not in self.databases:
                found.append(f"O(exclude_tables) has {name}, whose database isn't in O(databases).")
        for name in self.tables:
            if split_table(name)[0] in self.databases:
                found.append(f"O(tables) has {name}, whose database is in O(databases) already.")
        if len({split_table(name)[0] for name in self.exclude_tables}) > 1:
            found.append(
                "O(exclude_tables) has tables of several databases: ClickHouse's grammar takes those of one. "
                "Fix: make a backup of each."
            )
        unnamed = [table for table, _values in self.partitions if table not in self.tables]
        return found + [f"O(partitions) has {table}, which isn't in O(tables)." for table in unnamed]

    def _wrong_names(self) -> list[str]:
        found = []
        for option, names in (("tables", self.tables), ("exclude_tables", self.exclude_tables)):
            for name in names:
                try:
                    split_table(name)
                except ValueError as error:
                    found.append(f"O({option}): {error}.")
        return found

    def elements(self) -> str:
        """Return the elements of a BACKUP statement."""
        partitions = dict(self.partitions)
        texts = [_table(name, partitions.get(name, ())) for name in self.tables]
        if self.access_entities:
            texts += [f"TABLE system.{name}" for name in _ACCESS_TABLES]
        excluding = {split_table(name)[0] for name in self.exclude_tables}
        # The grammar allows only tables after EXCEPT TABLES, so a database that has it comes last.
        databases = sorted(self.databases, key=lambda name: name in excluding)
        return ", ".join([*texts, *(_database(name, self.exclude_tables) for name in databases)])


def _table(name: str, partitions: tuple[str, ...]) -> str:
    chosen = f" PARTITIONS {', '.join(map(string, partitions))}" if partitions else ""
    return f"TABLE {table_identifier(name)}{chosen}"


def _database(name: str, excluded: tuple[str, ...]) -> str:
    names = [table_identifier(table) for table in excluded if split_table(table)[0] == name]
    return f"DATABASE {identifier(name)}" + (f" EXCEPT TABLES {', '.join(names)}" if names else "")
