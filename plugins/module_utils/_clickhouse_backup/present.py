# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A backup that is to be there: made, waited for, cleaned up after, and recorded."""

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
    """What was read: all backups, and what an unfinished one of this name is (see `judge`)."""

    backups: dict[str, Backup]
    unfinished: str | None


class Present:
    """Reads, plans and applies O(state=present)."""

    def __init__(self, wanted: Wanted, store: BackupStore, engine: Engine):
        self._wanted = wanted
        self._store = store
        self._engine = engine
        self._server: dict[str, t.Any] = {}
        self._left_running = False

    def read(self) -> State:
        """Read S3 and the server. A run that has just begun is given the moment it takes to start."""
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

    def found(self, state: State) -> dict[str, Backup]:
        """The backups of what was read."""
        return state.backups

    def plan(self, state: State) -> list[Change]:
        """See `plan_present`. Nothing more is planned for what this run started and does not wait for."""
        if self._left_running:
            return []
        return plan_present(self._wanted, state)

    def apply(self, changes: list[Change], state: State) -> None:
        """Clean up, back up, wait, record. Killed anywhere, the next run goes on from what is in S3."""
        wanted = self._wanted
        backup = state.backups.get(wanted.name)
        if state.unfinished == "stale" and backup:
            self._store.delete(backup)
            backup = None
        identity, base_name = _identity_and_base(backup)
        if backup is None:
            base_name = base_of(changes)
            identity = self._start(base_name)
        measurement = Measurement(self._engine.server, wanted.selection, state.backups.get(base_name or ""))
        if not wanted.wait and not (backup and backup.finished):
            self._left_running = True
            return
        measurement.look()
        if identity and not (backup and backup.finished):
            self._engine.wait(identity, f"back up {wanted.name} to {self._store.place}")
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
                f"{self._wanted.collection} leads elsewhere. Make both the same."
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


def _identity_and_base(backup: Backup | None) -> tuple[str | None, str | None]:
    request = (backup.request if backup else None) or {}
    return request.get("id"), request.get("base")


def check_source(server: ClickHouse, selection: Selection, collection: str) -> None:
    """Raise PlatformError where what is to be backed up, or the collection, isn't on the server."""
    problems = tables.unknown(server, selection.databases, [*selection.tables, *selection.exclude_tables])
    if not tables.has_collection(server, collection):
        problems.append(f"no named collection {collection}")
    if problems:
        raise PlatformError(
            f"The ClickHouse server has {', '.join(problems)}. Check the spelling. Nothing was changed."
        )


def base_of(changes: t.Sequence[Change]) -> str | None:
    """The base that a plan chose."""
    return next((change.after["base"] for change in changes if change.action == "create"), None)


def plan_present(wanted: Wanted, state: State) -> list[Change]:
    """What has to be done. Raises PlatformError where the name is taken by another backup, or the base won't do."""
    name, selection = wanted.name, wanted.selection.to_record()
    resource = f"backup {name}"
    backup = state.backups.get(name)
    if backup and backup.finished:
        return _plan_finished(backup, selection, list_faults(state.backups, name))
    if state.unfinished in ("foreign", "starting"):
        raise PlatformError(
            f"The backup {name} is unfinished, and another server or run seems to be writing it. Wait for it; if it was killed, "
            f"run again after O(stale_after) ({wanted.stale_after:.0f} s) without a write. Nothing was changed."
        )
    if state.unfinished == "running":
        return [] if not wanted.wait else [Change("wait", resource, {"finished": False}, {"finished": True})]
    try:
        chosen = base.choose(state.backups, name, selection, wanted.base, wanted.max_chain)
    except ValueError as error:
        raise PlatformError(f"{error} Nothing was changed.") from error
    changes = []
    if backup:
        changes.append(Change("delete", f"unfinished {resource}", {"objects": len(backup.objects)}))
    return [*changes, Change("create", resource, None, {"selection": selection, "base": chosen})]


def _plan_finished(backup: Backup, selection: dict[str, t.Any], faults: list[str]) -> list[Change]:
    if backup.selection not in (None, selection):
        raise PlatformError(
            f"The backup {backup.name} exists, and is one of other tables: {backup.selection}. Choose another name. "
            "Nothing was changed."
        )
    if faults:
        raise PlatformError(
            f"The backup {backup.name} exists, but is not sound: {'; '.join(faults[:5])}. Give it up (O(state=absent)) and make "
            "a new one. Nothing was changed."
        )
    if backup.record is None:
        return [Change("record", f"contents of backup {backup.name}", None, {"recorded": True})]
    return []
