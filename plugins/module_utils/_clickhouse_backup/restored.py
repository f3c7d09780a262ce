# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Restore a backup, into the same database or another one, never over data unless the options say so.

Under another name nothing is created that acts by itself: its rows are restored, or it is left out.
"""

from __future__ import annotations

import typing as t
import uuid

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.sql import identifier
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup import (
    receipt,
    statements,
    tables,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.definitions import (
    Definitions,
    read_definitions,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.engine import Engine
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.faults import UnsoundError
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.holding import (
    Found,
    holds,
    restore_fault,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.metadata import tables_of
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.model import (
    RESTORED,
    Backup,
    list_faults,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.record import Held, held
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.restoring import (
    Choice,
    beside,
    databases_of,
    elements,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.shards import check_shards
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.store import BackupStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change


class State(t.NamedTuple):
    """The backups, what is found of each table to restore (None where it is missing), and how others are dealt with.

    Of `plain` the rows alone are restored, by the statement of a plain table; `left_out` has the reasons.
    """

    backups: dict[str, Backup]
    targets: dict[str, Found | None]
    plain: t.Mapping[str, str]
    left_out: t.Mapping[str, str]


class Task(t.NamedTuple):
    """The data of a change: the backup, the tables to restore, those that need no restore, and the plain ones that take rows."""

    backup: Backup
    missing: set[str]
    leave_out: set[str]
    plain: dict[str, str]
    existing: set[str]


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
        self._restored: set[str] | None = None

    def read(self) -> State:
        """Read S3, and the tables that the backup is restored to."""
        backups = self._store.read()
        faults = list_faults(backups, self._name)
        if faults:
            raise UnsoundError(self._name, "list", faults)
        backup = backups[self._name]
        _check(backup, self._choice)
        if self._cluster:
            check_shards(self._engine.server, self._cluster)
        for identity in self._engine.restoring(f"{self._name}."):
            self._engine.wait(identity, f"restore {self._name}, which an earlier run began")
        plain, left_out = self._beside(backups)
        names = [name for name in tables_of(backup.metadata) if self._choice.holds(name) and name not in left_out]
        return State(backups, self._targets(names), plain, left_out)

    def _beside(self, backups: dict[str, Backup]) -> tuple[dict[str, str], dict[str, str]]:
        """Return the plain tables that stand in for what acts by itself, and what is left out, of databases under another name."""
        choice = self._choice
        names = [
            name
            for name in tables_of(backups[self._name].metadata)
            if choice.holds(name) and choice.naming.renames(name.partition(".")[0])
        ]
        if choice.live_objects or not names:
            return {}, {}
        definitions = read_definitions(self._store, backups, self._name, names)
        return stand_ins(definitions, choice)

    def _targets(self, names: list[str]) -> dict[str, Found | None]:
        naming, server = self._choice.naming, self._engine.server
        databases = {naming.database(name.partition(".")[0]) for name in names}
        there, parts = tables.existing(server, databases), tables.parts(server, databases)
        found: dict[str, Found | None] = {}
        for name in names:
            target = naming.table(name)
            table = there.get(target)
            if table is None:
                found[name] = None
            elif self._choice.structure_only:
                found[name] = Found(table)
            elif table.engine.endswith("MergeTree") or target in parts.all:
                found[name] = Found(table, parts.active.get(target, {}), parts.all.get(target, {}))
            else:
                found[name] = Found(table, content=tables.content(server, target) if table.has_files else None)
        return found

    def backups(self, state: State) -> dict[str, Backup]:
        """Return the backups that were read."""
        return state.backups

    def plan(self, state: State) -> list[Change]:
        """Plan one change with all tables to restore; none where every table holds what was backed up."""
        backup = state.backups[self._name]
        if self._restored is not None:
            return self._left(backup, state)
        missing = missing_tables(backup, state.targets, self._choice)
        if not missing:
            return []
        after: dict[str, t.Any] = {"tables": {name: self._choice.naming.table(name) for name in sorted(missing)}}
        if state.left_out:
            after["left_out"] = state.left_out
        leave_out = {name for name in state.targets if name not in missing} | set(state.left_out)
        task = Task(
            backup,
            missing,
            leave_out,
            {name: sql for name, sql in state.plain.items() if name in missing},
            {name for name, it in state.targets.items() if it},
        )
        return [Change("restore", "backup", self._name, None, after, data=task)]

    def _left(self, backup: Backup, state: State) -> list[Change]:
        """Raise UnsoundError where a restore that the engine calls successful did not bring everything back; else note it."""
        if not self._choice.all_rows:
            return []
        wanted, uuids, faults = held(backup), {}, []
        for name in sorted(self._restored or ()):
            found = state.targets.get(name)
            fault = restore_fault(found, wanted[name]) if name in wanted else ""
            faults += [f"{name} {fault}"] if fault else []
            if found:
                uuids[self._choice.naming.table(name)] = found.table.uuid
        if faults:
            raise UnsoundError(self._name, "restore", faults)
        if self._restored:
            self._store.put_json(self._name, RESTORED, receipt.finished(backup, uuids))
            self._restored = set()
        return []

    def apply(self, changes: list[Change]) -> None:
        """Restore what is missing."""
        self._restored = set()
        for change in changes:
            self._restore(change.data)
            self._restored |= change.data.missing

    def _restore(self, task: Task) -> None:
        choice, server, selection = self._choice, self._engine.server, task.backup.selection or {}
        for database in sorted({name.partition(".")[0] for name in task.missing}):
            # A whole database under its own name is created with its own engine.
            if choice.naming.renames(database) or choice.tables or database not in selection["databases"]:
                server.run(f"CREATE DATABASE IF NOT EXISTS {identifier(choice.naming.database(database))}")
        for name in task.plain.keys() - task.existing:
            server.run(task.plain[name])
        group = beside(choice, tables_of(task.backup.metadata), task.leave_out)
        if group:
            self._run(group, any_definition=bool(task.plain))
        for group in elements(selection, choice, task.leave_out):
            self._run(group)

    def _run(self, group: list[str], *, any_definition: bool = False) -> None:
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
                any_definition=any_definition,
            )
        )
        self._engine.wait(identity, f"restore {self._name} from {self._store.place}")


def _check(backup: Backup, choice: Choice) -> None:
    if backup.selection is None:
        raise PlatformError(
            f"The backup {backup.name} was not made by this module, which doesn't know what it holds. Nothing was changed."
        )
    held_ = tables_of(backup.metadata)
    unknown = [name for name in choice.tables if name not in held_]
    if unknown:
        raise PlatformError(f"The backup {backup.name} doesn't hold {', '.join(unknown)}. Nothing was changed.")
    strange = [name for name, _target in choice.naming.databases if name not in databases_of(backup.selection)]
    if strange:
        raise PlatformError(f"The backup {backup.name} holds nothing of {', '.join(strange)}. Nothing was changed.")


def stand_ins(definitions: Definitions, choice: Choice) -> tuple[dict[str, str], dict[str, str]]:
    """Return the statements of plain tables that take the rows of what acts by itself, and what has no rows, with the reasons."""
    plain, left_out = {}, dict(definitions.unread)
    for name, definition in definitions.read.items():
        if not definition.acts:
            continue
        try:
            plain[name] = definition.plain(choice.naming.table(name))
        except ValueError:
            left_out[name] = (
                f"{definition.kind} {definition.engine}".strip() + " acts by itself, or leads to the original"
            )
    return plain, left_out


def missing_tables(backup: Backup, targets: dict[str, Found | None], choice: Choice) -> set[str]:
    """Return the tables to restore. Raise PlatformError where others hold rows that aren't the backup's."""
    if choice.append:
        return set(targets)
    wanted, missing, in_the_way = held(backup), set(), []
    for name, found in targets.items():
        if found is None:
            missing.add(name)
        elif found.compared and not _is_restored(backup, name, found, wanted.get(name), choice):
            if found.rows == 0:
                missing.add(name)
                continue
            in_the_way.append(f"{choice.naming.table(name)} ({found.rows} rows)")
    if in_the_way:
        raise PlatformError(
            f"The backup {backup.name} would be restored onto data: {', '.join(sorted(in_the_way))}. Fix: restore under another "
            "name, empty these tables, or set O(restore.on_existing=append), which keeps what they hold and may duplicate rows. "
            "Nothing was changed."
        )
    return missing


def _is_restored(backup: Backup, name: str, found: Found, wanted: Held | None, choice: Choice) -> bool:
    """Return whether a table holds what was backed up, or was restored from this backup and changed since."""
    if receipt.was_restored(backup, choice.naming.table(name), found.table.uuid):
        return True
    return holds(found, wanted) and not choice.partitions
