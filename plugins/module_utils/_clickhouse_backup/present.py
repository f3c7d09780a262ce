# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Make a backup: start it, wait for it, clean up after a run that was cut off, and record what it holds."""

from __future__ import annotations

import dataclasses
import time
import typing as t
import uuid

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.client import ClickHouse
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup import base, statements, tables
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.engine import Engine
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.model import (
    RECORD,
    REQUEST,
    Backup,
    list_faults,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.record import Measurement
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.selection import Selection
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.store import BackupStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.unfinished import (
    START_GRACE,
    Clock,
    Server,
    judge,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change


@dataclasses.dataclass(frozen=True)
class Wanted:
    """The backup that is asked for."""

    name: str
    selection: Selection
    collection: str
    base: str
    max_chain: int
    cluster: str | None = None
    stale_after: float = 600.0
    wait: bool = True


class State(t.NamedTuple):
    """What was read: all backups, and the state of an unfinished one of this name (see `judge`)."""

    backups: dict[str, Backup]
    unfinished: str | None


class Task(t.NamedTuple):
    """The data of a change: the engine's id of a backup to wait for, if any, and the base of the backup."""

    identity: str | None
    base: Backup | None


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
                check_source(self._engine.server, self._wanted.selection, self._wanted.collection)
            if backup is None or backup.finished:
                return State(backups, None)
            verdict = self._judge(backup)
            if verdict != "starting" or time.monotonic() > deadline:
                return State(backups, verdict)
            time.sleep(1.0)

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
        for change in changes:
            if change.action == "delete":
                self._store.delete(change.data)
            elif change.action == "create":
                self._create(change.after["base"], base=change.data)
            else:
                self._finish(change.data)

    def _create(self, base_name: str | None, base: Backup | None) -> None:
        task = Task(self._start(base_name), base)
        if self._wanted.wait:
            self._finish(task)
        else:
            self._left_running = True

    def _finish(self, task: Task) -> None:
        """Measure the tables, wait for the engine unless the backup is finished, and record what it holds."""
        measurement = Measurement(self._engine.server, self._wanted.selection, task.base)
        measurement.measure()
        if task.identity:
            self._engine.wait(task.identity, f"back up {self._wanted.name} to {self._store.place}")
        self._record(measurement)

    def _start(self, base_name: str | None) -> str:
        wanted = self._wanted
        identity = f"{wanted.name}.{uuid.uuid4().hex}"
        server = self._server or self._engine.identify()
        request = {
            "id": identity,
            "host": server["host"],
            "version": server["version"],
            "selection": wanted.selection.to_record(),
            "base": base_name,
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

    def _record(self, measurement: Measurement) -> None:
        name = self._wanted.name
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


def check_source(server: ClickHouse, selection: Selection, collection: str) -> None:
    """Raise PlatformError where a table to back up, or the collection, isn't on the server."""
    problems = tables.unknown(server, selection.databases, [*selection.tables, *selection.exclude_tables])
    if not tables.has_collection(server, collection):
        problems.append(f"no named collection {collection}")
    if problems:
        raise PlatformError(
            f"The ClickHouse server has {', '.join(problems)}. Fix: check the spelling. Nothing was changed."
        )


def plan_present(wanted: Wanted, state: State) -> list[Change]:
    """Plan the changes. Raise PlatformError where the name belongs to another backup, or the base can't be used."""
    name, selection = wanted.name, wanted.selection.to_record()
    backup = state.backups.get(name)
    request = (backup.request if backup else None) or {}
    its_base = state.backups.get(request.get("base") or "")
    if backup and backup.finished:
        _check_finished(backup, selection, list_faults(state.backups, name))
        if backup.record is not None:
            return []
        title = f"contents of backup {name}"
        return [Change("record", "contents", name, None, {"recorded": True}, title=title, data=Task(None, its_base))]
    if state.unfinished in ("foreign", "starting"):
        raise PlatformError(
            f"The backup {name} is unfinished, and another server or run seems to be writing it. Fix: wait for it. If it was "
            f"killed, run again after O(stale_after) ({wanted.stale_after:.0f} s) without a write. Nothing was changed."
        )
    if state.unfinished == "running":
        task = Task(request.get("id"), its_base)
        change = Change("wait", "backup", name, {"finished": False}, {"finished": True}, data=task)
        return [change] if wanted.wait else []
    try:
        chosen = base.choose(state.backups, name, selection, wanted.base, wanted.max_chain)
    except ValueError as error:
        raise PlatformError(f"{error} Nothing was changed.") from error
    changes = []
    if backup:
        changes.append(Change("delete", "unfinished backup", name, {"objects": len(backup.objects)}, data=backup))
    after = {"selection": selection, "base": chosen}
    return [*changes, Change("create", "backup", name, None, after, data=state.backups.get(chosen or ""))]


def _check_finished(backup: Backup, selection: dict[str, t.Any], faults: list[str]) -> None:
    if backup.selection not in (None, selection):
        raise PlatformError(
            f"The backup {backup.name} exists, and is one of other tables: {backup.selection}. Fix: choose another name. "
            "Nothing was changed."
        )
    if faults:
        raise PlatformError(
            f"The backup {backup.name} exists, but is not sound: {'; '.join(faults[:5])}. Fix: remove it (O(state=absent)) and "
            "make a new one. Nothing was changed."
        )
