# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What is timed about ClickHouse's backups: the module's parts, the engine's statements, and rclone on the same bytes.

Import it when the collection can be found: see `tests.bench.rows.clickhouse`.
"""

from __future__ import annotations

import functools
import itertools
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.connection import connect
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup import statements
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.byte_check import byte_faults
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.engine import Engine
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.model import list_faults
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.planning import Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.present import (
    PresentReconciler,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.restored import (
    RestoredReconciler,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.restoring import Choice, Naming
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.selection import Selection
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.store import BackupStore

from tests.bench.places import Place
from tests.support.clickhouse import PREFIX, USER, Server

_TIMEOUT = 600.0
_AGAIN = "bench_again"  # where `bench` is restored to


class Backups:
    """Operations on one table and one S3, each of which returns the seconds it took and leaves nothing behind.

    The first backup stays: it is what is restored, verified and downloaded, and its files are what rclone uploads.
    """

    def __init__(self, server: Server, place: Place, table: str, work: Path):
        self._server = server
        self._place = place
        self._table = table
        self._selection = Selection(tables=(table,))
        self._numbers = itertools.count()
        self._work = work
        self.outside: list[float] = []  # seconds of `module` in which the engine did not work on the backup
        login = server.login() | {"login_tls": True, "login_validate_certs": True, "login_user": USER}
        self._engine = Engine(connect(login, _TIMEOUT), timeout=_TIMEOUT, max_bandwidth=0, say=lambda _text: None)
        self.full = self._new_name()
        self._make(self.full, base="none")

    @functools.cached_property
    def files(self) -> Path:
        """The first backup's objects as files."""
        folder = self._work / f"{self.full}{self._place.suffix}"
        self._place.rclone.down(self._place.where(self.full), folder)
        return folder

    def objects(self) -> dict[str, int]:
        """Sizes of the first backup's objects by their key."""
        pages = self._place.client.get_paginator("list_objects_v2").paginate(
            Bucket=self._place.bucket, Prefix=f"{PREFIX}/{self.full}/"
        )
        return {item["Key"]: item["Size"] for page in pages for item in page["Contents"]}

    def module(self) -> float:
        """A full backup by the module, from its first look to its last."""
        took = self._written(lambda name: self._make(name, base="none"))
        milliseconds = self._server(
            "SELECT dateDiff('millisecond', start_time, end_time) FROM system.backups ORDER BY start_time DESC LIMIT 1"
        )
        self.outside.append(took - int(milliseconds) / 1000)
        return took

    def bare(self) -> float:
        """The statement alone, with the settings that the module gives it."""
        settings = {name: str(value) for name, value in self._engine.upload_settings().items()}
        return self._written(lambda name: self._server(self._statement(name, None), **settings))

    def incremental(self) -> float:
        """An incremental backup by the module, of what has not changed."""
        return self._written(lambda name: self._make(name, base=self.full))

    def bare_incremental(self) -> float:
        """The statement alone."""
        return self._written(lambda name: self._server(self._statement(name, self.full)))

    def restore(self) -> float:
        """The statement alone."""
        target = f"{_AGAIN}.{self._table.partition('.')[2]}"
        place = statements.place(self._place.collection, self.full)
        return self._restored(lambda: self._server(f"RESTORE TABLE {self._table} AS {target} FROM {place}"))

    def restore_and_compare(self) -> float:
        """All that the module does: it looks, restores, and compares each part with what was backed up."""

        def run() -> None:
            naming = Naming(((self._table.partition(".")[0], _AGAIN),))
            restore = RestoredReconciler(
                self.full, Choice(naming), self._place.collection, None, self.store(), self._engine
            )
            restore.apply(restore.plan(restore.read()))
            assert restore.plan(restore.read()) == []

        return self._restored(run)

    def verify_bytes(self) -> float:
        """The module's byte verification, with the reading of the list before it."""

        def run() -> None:
            store = self.store()
            assert byte_faults(store, store.read(), self.full) == []

        return _seconds(run)

    def verify_list(self) -> float:
        """The module's look at the list."""

        def run() -> None:
            assert list_faults(self.store().read(), self.full) == []

        return _seconds(run)

    def list_objects(self) -> float:
        """boto3's own list of the same."""
        return _seconds(self.objects)

    def rclone_up(self) -> float:
        """rclone, with the files of the first backup."""
        files = self.files
        return self._written(lambda name: self._place.rclone.up(files, self._place.where(name)))

    def rclone_down(self) -> float:
        """rclone, with the objects of the first backup."""
        target = self._work / "down"
        took = _seconds(lambda: self._place.rclone.down(self._place.where(self.full), target))
        shutil.rmtree(target)
        return took

    def store(self) -> BackupStore:
        """The module's view of the place."""
        return BackupStore(self._place.client, self._place.bucket, PREFIX, self._server.region)

    def _make(self, name: str, base: str) -> None:
        wanted = Wanted(name, self._selection, self._place.collection, base, 9)
        present = PresentReconciler(wanted, self.store(), self._engine)
        state = present.read()
        present.apply(present.plan(state))
        assert present.plan(present.read()) == []

    def _statement(self, name: str, base: str | None) -> str:
        settings = f" SETTINGS base_backup = {statements.place(self._place.collection, base)}" if base else ""
        return f"BACKUP TABLE {self._table} TO {statements.place(self._place.collection, name)}{settings}"

    def _new_name(self) -> str:
        return f"{self._table}-{next(self._numbers)}"

    def _written(self, write: Callable[[str], object]) -> float:
        name = self._new_name()
        took = _seconds(lambda: write(name))
        self._place.remove(name)
        return took

    def _restored(self, restore: Callable[[], object]) -> float:
        self._server(f"CREATE DATABASE IF NOT EXISTS {_AGAIN}")
        took = _seconds(restore)
        self._server(f"DROP DATABASE {_AGAIN} SYNC")
        return took


def _seconds(work: Callable[[], object]) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started
