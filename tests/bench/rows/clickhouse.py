# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Backups of ClickHouse: what the module adds to the engine, and the engine against rclone on the same bytes and the same S3."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from lab.settings import CHECKOUT
from tests.bench.harness import Context, Row, compare
from tests.support.clickhouse import PREFIX, USER, Server, running_server
from tests.support.labs import running_lab

_ROWS = 12_000_000  # 8 incompressible bytes each, so about 96 MB
_PARTITIONS = 1000  # of the table that has many small files
_REGION = "me-west-1"


def measure(context: Context) -> Iterator[Row]:
    """Yield the rows."""
    sys.path.append(str(CHECKOUT / ".build" / "collections"))  # the module's own parts, imported where they are used
    with running_lab(context.work / "lab") as lab, running_server(lab, _REGION) as server:
        server("CREATE DATABASE bench")
        server("CREATE TABLE bench.big (a UInt64) ENGINE = MergeTree PARTITION BY a % 6 ORDER BY tuple()")
        server(f"INSERT INTO bench.big SELECT rand64() FROM numbers({_ROWS})")
        bench = _Bench(server, context.work)
        yield compare(
            context,
            "ch_module_overhead",
            bench.module,
            bench.bare,
            against="the bare BACKUP statement",
            bar="<= 1.05",
            note=lambda: "in one process; Ansible's start of a module, about 1 s, comes on top",
        )
        yield compare(
            context, "ch_backup_vs_rclone", bench.module, bench.rclone_up, against="rclone copy up", bar="<= 1.25"
        )
        yield compare(
            context, "ch_restore_vs_rclone", bench.restore, bench.rclone_down, against="rclone copy down", bar="<= 1"
        )
        yield compare(
            context,
            "ch_verify_bytes_vs_rclone",
            bench.verify_bytes,
            bench.rclone_down,
            against="rclone copy down",
            bar="<= 1.25",
        )
        yield compare(
            context,
            "ch_incremental_s",
            bench.incremental,
            bench.bare_incremental,
            against="the bare BACKUP statement with a base",
            bar="< 2 s",
        )
        server("CREATE TABLE bench.many (a UInt64) ENGINE = MergeTree PARTITION BY a ORDER BY a")
        server(f"INSERT INTO bench.many SELECT number FROM numbers({_PARTITIONS})", max_partitions_per_insert_block="0")
        yield bench.list_row(context)


class _Bench:
    """One full backup to measure with, the same bytes as files, and the statements and commands that are timed."""

    def __init__(self, server: Server, work: Path):
        self._server = server
        self._work = work
        self._numbers = itertools.count()
        self._files = work / "files"
        self._full = self._new_name()
        self._module_backup(self._full, base="none")
        self._rclone(f"lab:{server.bucket}/{PREFIX}/{self._full}", str(self._files))

    def module(self) -> float:
        return _seconds(lambda: self._module_backup(self._new_name(), base="none"))

    def bare(self) -> float:
        name = self._new_name()
        return _seconds(lambda: self._server(f"BACKUP TABLE bench.big TO S3(backups, '{name}')"))

    def incremental(self) -> float:
        return _seconds(lambda: self._module_backup(self._new_name(), base=self._full))

    def bare_incremental(self) -> float:
        name, base = self._new_name(), f"S3(backups, '{self._full}')"
        return _seconds(
            lambda: self._server(f"BACKUP TABLE bench.big TO S3(backups, '{name}') SETTINGS base_backup = {base}")
        )

    def restore(self) -> float:
        self._server("DROP TABLE IF EXISTS bench.again SYNC")
        statement = f"RESTORE TABLE bench.big AS bench.again FROM S3(backups, '{self._full}')"
        return _seconds(lambda: self._server(statement))

    def rclone_up(self) -> float:
        target = f"lab:{self._server.bucket}/rclone/{self._new_name()}"
        return _seconds(lambda: self._rclone(str(self._files), target))

    def rclone_down(self) -> float:
        target = self._work / self._new_name()
        took = _seconds(lambda: self._rclone(f"lab:{self._server.bucket}/{PREFIX}/{self._full}", str(target)))
        shutil.rmtree(target)
        return took

    def verify_bytes(self) -> float:
        from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.byte_check import (
            byte_faults,
        )

        store = self._store()

        def verify() -> None:
            assert byte_faults(store, store.read(), self._full) == []

        return _seconds(verify)

    def list_row(self, context: Context) -> Row:
        from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.model import list_faults

        name = self._new_name()
        self._server(f"BACKUP TABLE bench.many TO S3(backups, '{name}')")
        files = len(self._server.objects(name))
        store = self._store()

        def verify() -> None:
            assert list_faults(store.read(), name) == []

        return compare(
            context,
            "ch_verify_files_per_s",
            lambda: _seconds(verify) / files * 10_000,
            lambda: _seconds(lambda: self._server.objects(name)) / files * 10_000,
            against="listing the bucket with boto3",
            bar="< 5 s for 10,000 files",
            note=lambda: f"seconds for 10,000 files, from a backup of {files} objects",
        )

    def _new_name(self) -> str:
        return f"bench-{next(self._numbers)}"

    def _store(self):
        from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.store import BackupStore

        return BackupStore(self._server.s3, self._server.bucket, PREFIX, _REGION)

    def _module_backup(self, name: str, base: str) -> None:
        from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.connection import connect
        from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.engine import Engine
        from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.present import (
            Present,
            Wanted,
        )
        from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.selection import (
            Selection,
        )

        login = self._server.login() | {"login_tls": True, "login_validate_certs": True, "login_user": USER}
        engine = Engine(connect(login, 600), timeout=600, max_bandwidth=0, say=lambda _text: None)
        wanted = Wanted(name, Selection(tables=("bench.big",)), "backups", base, 9)
        present = Present(wanted, self._store(), engine)
        state = present.read()
        present.apply(present.plan(state), state)
        assert present.plan(present.read()) == []

    def _rclone(self, source: str, target: str) -> None:
        key = self._server.lab.stack.administrator_key()
        settings = self._server.lab.stack
        configuration = {
            "TYPE": "s3",
            "NO_CHECK_BUCKET": "true",  # else it creates the bucket that is there
            "PROVIDER": "Other",
            "REGION": _REGION,
            "ENDPOINT": settings.endpoints[_REGION],
            "ACCESS_KEY_ID": key["access_key_id"],
            "SECRET_ACCESS_KEY": key["secret"],
        }
        program = CHECKOUT / ".build" / "clickhouse" / "bin" / "rclone"
        arguments = [
            "copy",
            source,
            target,
            "--ca-cert",
            str(settings.settings.ca_certificate),
            "--config",
            "/dev/null",
        ]
        environment = {f"RCLONE_CONFIG_LAB_{name}": value for name, value in configuration.items()}
        subprocess.run(
            [str(program), *arguments, "--transfers", "16", "--no-traverse", "--ignore-times"],
            check=True,
            env={"PATH": os.environ["PATH"], "HOME": str(self._work), **environment},
        )


def _seconds(work: Callable[[], object]) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started
