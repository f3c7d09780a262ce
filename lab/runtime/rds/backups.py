# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Keep automated backups, also copies for another region: the data at one moment (the base), and the binary logs since then.

The base of an instance that began empty is the image's own data, so nothing has to be copied. Other instances keep a copy of what
they began with. An instance's own backup is read out of its folder; the copy for another region is a folder of its own, which
outlives the source's region. Logs older than a day are gone (`binlog_expire_logs_seconds`): labs don't live that long.
"""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

from lab.runtime.rds import binlogs
from lab.runtime.rds.folders import MYSQL, Folders
from lab.runtime.rds.model import BackupCopy, Database
from lab.runtime.shell import run

_BASE, _LOGS, _PENDING, _RELAY = "base", "binlog.[0-9]*", "replay.json", "relay"
_CHUNK = 1 << 20


class Backups:
    """The backups of one lab."""

    def __init__(self, folders: Folders):
        self._folders = folders

    def keep_base(self, database: Database) -> None:
        """Keep a copy of what an instance begins with, before its server starts."""
        folder = self._folders.of(database.resource_id)
        shutil.rmtree(folder / _BASE, ignore_errors=True)
        self._folders.copy(folder / "data", folder / _BASE)

    def follow(self, copy: BackupCopy, source: Database) -> float:
        """Bring a copy up to what its source has written, and return the moment from which on it may lack something."""
        until, folder = time.time(), self._folders.backup(copy.name)
        if not folder.exists():
            base = self._folders.of(source.resource_id) / _BASE
            if base.exists():
                self._folders.copy(base, folder.with_name(f"{folder.name}.new") / _BASE)
                folder.with_name(f"{folder.name}.new").rename(folder)
            else:
                folder.mkdir(parents=True)
        for log in sorted((self._folders.of(source.resource_id) / "data").glob(_LOGS)):
            _append(log, folder / log.name)
        return until

    def lay(self, name: str, into: Path) -> bool:
        """Lay the base in a new instance's data folder, unless that begins empty; says whether it did."""
        folder = self._place(name)
        if (folder / _BASE).exists():
            self._folders.copy(folder / _BASE, into)
            return True
        return False

    def lay_logs(self, name: str, until: float, data: Path) -> None:
        """Lay the logs up to a moment where the server takes them for a replica's, and remember what is to be applied."""
        folder = self._place(name)
        logs = sorted((folder if folder.parent.name == "backups" else folder / "data").glob(_LOGS))
        parts = binlogs.up_to(logs, int(until * 1_000_000))
        gtids = binlogs.gtid_set(parts)
        if not gtids:
            return
        names = []
        for number, part in enumerate(parts, start=1):
            file = data / f"{_RELAY}.{number:06}"
            with part.log.open("rb") as source, file.open("wb") as target:
                shutil.copyfileobj(source, target, _CHUNK)
                target.truncate(part.size)
            names.append(f"/rds/data/{file.name}")
        (data / f"{_RELAY}.index").write_text("".join(f"{name}\n" for name in names))
        run("chown", f"{MYSQL}:{MYSQL}", *(str(path) for path in data.glob(f"{_RELAY}.*")))
        (data.parent / _PENDING).write_text(json.dumps({"gtids": gtids}))

    def pending(self, database: Database) -> str:
        """Return the transactions that are still to be applied, or nothing."""
        try:
            return json.loads((self._folders.of(database.resource_id) / _PENDING).read_text())["gtids"]
        except FileNotFoundError:
            return ""

    def applied(self, database: Database) -> None:
        (self._folders.of(database.resource_id) / _PENDING).unlink(missing_ok=True)

    def _place(self, name: str) -> Path:
        copy = self._folders.backup(name)
        return copy if copy.exists() else self._folders.of(name)


def _append(log: Path, copy: Path) -> None:
    """Copy what a log, which only grows, has more than its copy."""
    there = copy.stat().st_size if copy.exists() else 0
    if log.stat().st_size <= there:
        return
    with log.open("rb") as source, copy.open("ab") as target:
        source.seek(there)
        shutil.copyfileobj(source, target, _CHUNK)
