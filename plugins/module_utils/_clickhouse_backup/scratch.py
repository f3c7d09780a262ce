# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Prove that a backup can be restored: its parts are restored into plain tables, and compared with those that were backed up.

No object of the backup is created. A view would take the rows that are inserted into its source, a queue would consume messages,
and a merge or a TTL would change rows before they are compared. RESTORE gets tables that exist, and may create nothing.
"""

from __future__ import annotations

import collections
import dataclasses
import typing as t
import uuid

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.client import ClickHouseError
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.sql import (
    identifier,
    table_identifier,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup import statements, tables
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.definitions import (
    read_definitions,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.dropping import (
    drop_scratch,
    scratch_database,
    sweep,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.engine import Engine
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.faults import (
    UnverifiedError,
    blames_the_backup,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.metadata import sizes_of
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.model import Backup, Backups
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.record import Held, held
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.store import BackupStore

_METHOD = "scratch"
_ACCESS_DENIED, _NOT_IMPLEMENTED = 497, 48
# Settings that let a table be created of types that are experimental or that the engine warns of: the backup has them already.
_ALLOWING = (
    "SELECT name FROM system.settings WHERE type = 'Bool' AND value = '0' AND "
    "(name LIKE 'allow_suspicious_%' OR name LIKE 'allow_experimental_%_type' OR name LIKE 'enable_%_type')"
)

# The disks of the storage policy that tables get which name none.
_ROOM = (
    "SELECT name, toUInt64(unreserved_space) AS free FROM system.disks WHERE name IN (SELECT arrayJoin(disks) FROM "
    "system.storage_policies WHERE policy_name = (SELECT any(value) FROM system.merge_tree_settings WHERE name = 'storage_policy'))"
)


@dataclasses.dataclass
class Proof:
    """What a proof found: faults of the backup, and tables that could not be compared, with the reasons."""

    faults: list[str] = dataclasses.field(default_factory=list)
    uncompared: dict[str, str] = dataclasses.field(default_factory=dict)
    compared: int = 0


class ScratchProof:
    """One proof of one backup. Raise UnverifiedError where it says nothing about the backup."""

    def __init__(self, engine: Engine, store: BackupStore, collection: str, backups: Backups, name: str):
        self._engine = engine
        self._server = engine.server
        self._store = store
        self._collection = collection
        self._backups = backups
        self._backup: Backup = backups[name]
        self._database = scratch_database(name)
        self._found = Proof()

    def run(self) -> Proof:
        """Restore, compare, and drop what was made."""
        known = held(self._backup)
        self._found.uncompared = {name: table.note for name, table in known.items() if table.note}
        wanted = {name: table for name, table in known.items() if not table.note}
        try:
            sweep(self._engine, self._database)
            self._check_space(wanted)
            try:
                targets = self._create(wanted)
                self._restore(targets)
                self._compare(targets, wanted)
            finally:
                # Where it was not waited for long enough, the server goes on. The next proof drops what is left.
                if not self._engine.restoring(f"{self._database}."):
                    drop_scratch(self._engine, self._database)
        except ClickHouseError as error:
            if error.code and blames_the_backup(error.code):
                self._found.faults.append(f"{self._backup.name}: {error}")
            else:
                raise self._unverified(str(error)) from error
        if self._found.uncompared and not self._found.compared and not self._found.faults:
            reasons = "; ".join(f"{name}: {reason}" for name, reason in sorted(self._found.uncompared.items())[:5])
            raise self._unverified(f"no table could be compared ({reasons}).")
        return self._found

    def _unverified(self, reason: str) -> UnverifiedError:
        return UnverifiedError(self._backup.name, _METHOD, reason)

    def _check_space(self, wanted: dict[str, Held]) -> None:
        sizes = sizes_of(self._backup.metadata) if self._backup.metadata else {}
        needed = sum(size for name, size in sizes.items() if name in wanted)
        disks = self._server.rows(_ROOM)
        free = sum(int(disk["free"]) for disk in disks)
        if disks and needed > free:
            names = ", ".join(disk["name"] for disk in disks)
            raise self._unverified(
                f"it takes {needed} bytes on the server's disks ({names}), of which {free} are free. Fix: make room, or verify its "
                "bytes (O(verify=bytes)), which needs none."
            )

    def _create(self, wanted: dict[str, Held]) -> dict[str, str]:
        """Create a plain table for each of these, and return their names, each in one database, by number."""
        self._server.run(f"CREATE DATABASE {identifier(self._database)} ENGINE = Atomic")
        settings = {row["name"]: 1 for row in self._server.rows(_ALLOWING)}
        definitions = read_definitions(self._store, self._backups, self._backup.name, sorted(wanted))
        self._found.uncompared |= definitions.unread
        targets = {}
        for number, (name, definition) in enumerate(definitions.read.items()):
            target = f"{self._database}.t{number}"
            try:
                self._server.run(definition.plain(target), settings)
                if definition.has_parts:
                    self._server.run(f"SYSTEM STOP MERGES {table_identifier(target)}")
                targets[name] = target
            except ValueError as error:
                self._found.uncompared[name] = str(error)
            except ClickHouseError as error:
                if not error.code or error.code == _ACCESS_DENIED:
                    raise
                self._found.uncompared[name] = f"no plain table could be created for it: {error}"
        return targets

    def _restore(self, targets: dict[str, str]) -> None:
        if not targets:
            return
        elements = [f"TABLE {table_identifier(name)} AS {table_identifier(target)}" for name, target in targets.items()]
        identity = f"{self._database}.{uuid.uuid4().hex}"
        self._engine.start(
            statements.restore(
                elements, self._collection, self._backup.name, identity=identity, create=False, any_definition=True
            )
        )
        self._engine.wait(identity, f"restore {self._backup.name} into plain tables")

    def _compare(self, targets: dict[str, str], wanted: dict[str, Held]) -> None:
        parts = tables.parts(self._server, [self._database]).active
        for name, target in targets.items():
            self._found.compared += 1
            self._found.faults += self._differences(name, target, wanted[name], parts.get(target, {}))
            self._found.faults += self._damaged(name, target)

    def _differences(self, name: str, target: str, wanted: Held, parts: dict[str, tables.Part]) -> list[str]:
        if wanted.parts is not None:
            return part_differences(name, wanted.parts, parts.values())
        content = tables.content(self._server, target)
        if content == wanted.content:
            return []
        rows = content.rows if content else 0
        return [f"{name} has {rows} rows with other contents than were backed up ({wanted.rows} rows)"]

    def _damaged(self, name: str, target: str) -> list[str]:
        """Compare each part with the checksums that it came with: the hash of its files is taken from them."""
        try:
            rows = self._server.rows(
                f"CHECK TABLE {table_identifier(target)} SETTINGS check_query_single_value_result = 0"
            )
        except ClickHouseError as error:
            if error.code == _NOT_IMPLEMENTED:
                return []  # of a table in memory the rows were compared
            raise
        return [
            f"{name}: part {row['part_path']} is damaged: {row['message']}" for row in rows if not int(row["is_passed"])
        ]


def part_differences(name: str, wanted: collections.Counter[tables.Part], there: t.Iterable[tables.Part]) -> list[str]:
    """Return how the parts of a table differ from those that were backed up; nothing where they are the same."""
    found = collections.Counter(there)
    if found == wanted:
        return []
    rows, expected = (sum(part.rows * times for part, times in parts.items()) for parts in (found, wanted))
    if rows != expected:
        return [f"{name} has {rows} rows instead of {expected}"]
    return [f"{name} has {rows} rows, but {(wanted - found).total()} of its parts with other files than were backed up"]
