# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Restore a backup, into the same database or another one, never over data unless the options say so."""

from __future__ import annotations

import typing as t
import uuid

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.sql import identifier
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup import statements, tables
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.engine import Engine
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.faults import UnsoundError
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.metadata import tables_of
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.model import Backup, list_faults
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.restoring import (
    Choice,
    databases_of,
    elements,
    recorded,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.store import BackupStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.tables import Content
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change


class State(t.NamedTuple):
    """The backups, and what each target table holds: None where it is missing, UNCOMPARED where contents aren't compared."""

    backups: dict[str, Backup]
    targets: dict[str, Content | None]


class Task(t.NamedTuple):
    """The data of a change: what the backup holds, and the tables that need no restore."""

    selection: dict[str, t.Any]
    leave_out: set[str]


UNCOMPARED = Content(-1, 0)


class RestoredReconciler:
    """Read, plan and apply O(state=restored)."""

    def __init__(
        self, name: str, choice: Choice, collection: str, cluster: str | None, store: BackupStore, engine: Engine
    ):
        self._name = name
        self._choice = choice
        self._collection = collection
        self._cluster = cluster
        self._store = store
        self._engine = engine
        self._restored = False

    def read(self) -> State:
        """Read S3, and the tables that the backup is restored to."""
        backups = self._store.read()
        faults = list_faults(backups, self._name)
        if faults:
            raise UnsoundError(self._name, "list", faults)
        backup = backups[self._name]
        _check(backup, self._choice)
        return State(backups, self._targets(backup))

    def _targets(self, backup: Backup) -> dict[str, Content | None]:
        naming, server = self._choice.naming, self._engine.server
        names = [name for name in tables_of(backup.metadata) if self._choice.holds(name)]
        databases = {naming.database(name) for name in databases_of(backup.selection)}
        there, with_rows = tables.existing(server, databases), tables.with_rows(server, databases)
        found: dict[str, Content | None] = {}
        for name in names:
            target = naming.table(name)
            compared = target in with_rows and not self._choice.structure_only
            found[name] = None
            if target in there:
                found[name] = tables.content(server, target) if compared else UNCOMPARED
        return found

    def backups(self, state: State) -> dict[str, Backup]:
        """Return the backups that were read."""
        return state.backups

    def plan(self, state: State) -> list[Change]:
        """Plan one change with all tables to restore; none where every table holds what was backed up."""
        backup = state.backups[self._name]
        if self._restored:
            return self._left(backup, state.targets)
        missing = missing_tables(backup, state.targets, self._choice)
        if not missing:
            return []
        after = {"tables": {name: self._choice.naming.table(name) for name in sorted(missing)}}
        task = Task(backup.selection, {name for name in state.targets if name not in missing})
        return [Change("restore", "backup", self._name, None, after, data=task)]

    def _left(self, backup: Backup, targets: dict[str, Content | None]) -> list[Change]:
        """Raise UnsoundError where a restore that the engine calls successful did not bring everything back."""
        if self._choice.append or self._choice.partitions or self._choice.structure_only:
            return []
        wanted = recorded(backup.record)
        differing = [name for name, content in targets.items() if wanted.get(name) and content != wanted[name]]
        if differing:
            raise UnsoundError(
                self._name, "restore", [f"{name} does not hold what was backed up" for name in differing]
            )
        return []

    def apply(self, changes: list[Change]) -> None:
        """Restore what is missing."""
        for change in changes:
            self._restore(change.data)
        self._restored = True

    def _restore(self, task: Task) -> None:
        choice = self._choice
        for table in choice.tables or task.selection["tables"]:
            database = choice.naming.database(table.partition(".")[0])
            self._engine.server.run(f"CREATE DATABASE IF NOT EXISTS {identifier(database)}")
        for group in elements(task.selection, choice, leave_out=task.leave_out):
            self._run(group)

    def _run(self, group: list[str]) -> None:
        identity = f"{self._name}.{uuid.uuid4().hex}"
        self._engine.start(
            statements.restore(
                group,
                self._collection,
                self._name,
                identity=identity,
                cluster=self._cluster,
                structure_only=self._choice.structure_only,
                append=self._choice.append,
            )
        )
        self._engine.wait(identity, f"restore {self._name} from {self._store.place}")


def _check(backup: Backup, choice: Choice) -> None:
    if backup.selection is None:
        raise PlatformError(
            f"The backup {backup.name} was not made by this module, which doesn't know what it holds. Nothing was changed."
        )
    held = tables_of(backup.metadata)
    unknown = [name for name in choice.tables if name not in held]
    if unknown:
        raise PlatformError(f"The backup {backup.name} doesn't hold {', '.join(unknown)}. Nothing was changed.")
    strange = [name for name, _target in choice.naming.databases if name not in databases_of(backup.selection)]
    if strange:
        raise PlatformError(f"The backup {backup.name} holds nothing of {', '.join(strange)}. Nothing was changed.")


def missing_tables(backup: Backup, targets: dict[str, Content | None], choice: Choice) -> set[str]:
    """Return the tables to restore. Raise PlatformError where others hold rows that aren't the backup's."""
    if choice.append:
        return set(targets)
    wanted, missing, in_the_way = recorded(backup.record), set(), []
    for name, content in targets.items():
        if content is None or (content.rows == 0 and wanted.get(name) != content):
            missing.add(name)
        elif content is not UNCOMPARED and (wanted.get(name) != content or choice.partitions):
            in_the_way.append(f"{choice.naming.table(name)} ({content.rows} rows)")
    if in_the_way:
        raise PlatformError(
            f"The backup {backup.name} would be restored onto data: {', '.join(sorted(in_the_way))}. Fix: restore under another "
            "name, empty these tables, or set O(restore.on_existing=append), which keeps what they hold and may duplicate rows. "
            "Nothing was changed."
        )
    return missing
