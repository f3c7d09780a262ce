# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Make a backup: start it, wait for it, clean up after a run that was cut off, and record what it holds."""

from __future__ import annotations

import time
import typing as t
import uuid

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.client import (
    ClickHouse,
    ClickHouseError,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup import statements, tables
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.engine import Engine
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.model import (
    RECORD,
    REQUEST,
    Backup,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.planning import (
    State,
    Task,
    Wanted,
    choose_base,
    plan_present,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.record import (
    Measurement,
    before,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.replicas import check_replicas
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.shards import check_shards
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.store import BackupStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.unfinished import (
    START_GRACE,
    Clock,
    Server,
    judge,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change


class PresentReconciler:
    """Read, plan and apply O(state=present)."""

    def __init__(self, wanted: Wanted, store: BackupStore, engine: Engine):
        self._wanted = wanted
        self._store = store
        self._engine = engine
        self._server: dict[str, t.Any] = {}
        self._left_running = False

    def read(self) -> State:
        """Read S3 and the server. A backup that another run is just starting is read again until it runs."""
        deadline = time.monotonic() + START_GRACE + 5
        while True:
            backups = self._store.read()
            backup = backups.get(self._wanted.name)
            if backup is None or not backup.finished:
                check_source(self._engine.server, self._wanted)
            if backup is None:
                return State(backups, None, self._running(backups))
            if backup.finished:
                return State(backups, None)
            verdict = self._judge(backup)
            if verdict != "starting" or time.monotonic() > deadline:
                return State(backups, verdict, self._running(backups))
            time.sleep(1.0)

    def _running(self, backups: dict[str, Backup]) -> tuple[str, ...]:
        selection = self._wanted.selection.to_record()
        unfinished = [
            backup
            for name, backup in sorted(backups.items())
            if name != self._wanted.name and backup.is_ours and not backup.finished and backup.selection == selection
        ]
        return tuple(backup.name for backup in unfinished if self._judge(backup) == "running")

    def _judge(self, backup: Backup) -> str:
        self._server = self._engine.identify()
        identity = (backup.request or {}).get("id", "")
        progress = self._engine.progress(identity) if identity else None
        running = frozenset([identity] if progress and progress.running else [])
        server = Server(self._server["host"], float(self._server["uptime"]), running)
        return judge(backup, server, Clock(self._store.now, self._wanted.stale_after))

    def backups(self, state: State) -> dict[str, Backup]:
        """Return the backups that were read."""
        return state.backups

    def plan(self, state: State) -> list[Change]:
        """Plan the changes, see `plan_present`; none for a backup that this run started and does not wait for."""
        if self._left_running:
            return []
        return plan_present(self._wanted, state)

    def apply(self, changes: list[Change]) -> None:
        """Clean up, back up, wait, record. The next run goes on from what is in S3, wherever this one is killed."""
        adopted = False
        for change in changes:
            if change.action == "delete":
                self._store.delete(change.data)
            elif change.action == "create":
                self._create(change.after["base"], change.data, choose_again=adopted)
            elif change.name == self._wanted.name:
                self._finish(change.name, change.data)
            else:
                adopted = True
                self._adopt(change.name, change.data)

    def _adopt(self, name: str, task: Task) -> None:
        """Finish another run's backup of the same tables. Where it fails, this one doesn't: it chooses another base."""
        try:
            self._finish(name, task)
        except ClickHouseError as error:
            if not error.code:
                raise

    def _create(self, base_name: str | None, base: Backup | None, *, choose_again: bool) -> None:
        if choose_again:
            backups = self._store.read()
            base_name = choose_base(self._wanted, backups)
            base = backups.get(base_name or "")
        at_start = before(self._engine.server, self._wanted.selection)
        task = Task(self._start(base_name, at_start), base, at_start)
        if self._wanted.wait:
            self._finish(self._wanted.name, task)
        else:
            self._left_running = True

    def _finish(self, name: str, task: Task) -> None:
        """Read the tables' parts, wait for the engine unless the backup is finished, and record what it holds."""
        measurement = Measurement(self._engine.server, self._wanted.selection, task.base, task.at_start)
        measurement.measure()
        if task.identity:
            self._engine.wait(task.identity, f"back up {name} to {self._store.place}", measurement.measure)
        self._record(name, measurement)

    def _start(self, base_name: str | None, at_start: dict[str, t.Any]) -> str:
        wanted = self._wanted
        identity = f"{wanted.name}.{uuid.uuid4().hex}"
        server = self._server or self._engine.identify()
        request = {
            "id": identity,
            "host": server["host"],
            "version": server["version"],
            "selection": wanted.selection.to_record(),
            "base": base_name,
            "tables": at_start,
        }
        self._store.claim(wanted.name, request)
        self._engine.start(
            statements.backup(
                wanted.selection,
                wanted.collection,
                wanted.name,
                identity=identity,
                base=base_name,
                cluster=wanted.cluster,
            ),
            self._engine.upload_settings(),
        )
        return identity

    def _record(self, name: str, measurement: Measurement) -> None:
        backup = self._store.read(name).get(name)
        if backup is None or backup.metadata is None:
            raise PlatformError(
                f"ClickHouse says that it backed up {name}, but it isn't in {self._store.place}: the URL of the collection "
                f"{self._wanted.collection} leads elsewhere. Fix: make both the same."
            )
        created = backup.objects[".backup"].modified
        self._store.put_json(
            name,
            RECORD,
            {
                "uuid": backup.metadata.uuid,
                "created": created.isoformat(),
                "seconds": (created - backup.objects[REQUEST].modified).total_seconds()
                if REQUEST in backup.objects
                else None,
                "tables": measurement.complete(backup.metadata),
            },
        )


def check_source(server: ClickHouse, wanted: Wanted) -> None:
    """Raise PlatformError where the server lacks a table or the collection, or is one of several shards."""
    selection = wanted.selection
    problems = tables.unknown(server, selection.databases, [*selection.tables, *selection.exclude_tables])
    if not tables.has_collection(server, wanted.collection):
        problems.append(f"no named collection {wanted.collection}")
    if problems:
        raise PlatformError(
            f"The ClickHouse server has {', '.join(problems)}. Fix: check the spelling. Nothing was changed."
        )
    check_shards(server, wanted.cluster)
    check_replicas(server, selection)
