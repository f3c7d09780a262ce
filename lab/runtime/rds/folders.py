# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Keep data and snapshots on this machine: below the lab's state, so that they outlive their containers."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from dataclasses import asdict
from pathlib import Path

from lab.runtime.rds.model import Database, Memory
from lab.runtime.shell import run
from lab.settings import LabSettings

# The user of the image that runs the server.
MYSQL = 3306


class Folders:
    """The folders of one lab."""

    def __init__(self, settings: LabSettings):
        self._root = settings.state / "rds"

    def of(self, resource_id: str) -> Path:
        """Return what a server sees as /rds."""
        return self._root / "instances" / resource_id

    def snapshot(self, name: str) -> Path:
        return self._root / "snapshots" / name

    def backup(self, name: str) -> Path:
        """Return what another region keeps of an instance's automated backups."""
        return self._root / "backups" / name

    def memory(self, database: Database) -> Memory:
        """Return what was done with the data of an instance."""
        try:
            return Memory(**json.loads(self._memory_file(database).read_text()))
        except FileNotFoundError:
            return Memory()

    def remember(self, database: Database, memory: Memory) -> None:
        new = self._memory_file(database).with_suffix(".new")
        new.write_text(json.dumps(asdict(memory)))
        new.replace(self._memory_file(database))

    def create(self, database: Database) -> Path:
        """Return the folder of an instance; what a creation that was cut off left in it is gone."""
        folder = self.of(database.resource_id)
        folder.mkdir(parents=True, exist_ok=True)
        os.chown(folder, MYSQL, MYSQL)
        shutil.rmtree(folder / "data", ignore_errors=True)
        return folder

    def copy(self, data: Path, into: Path) -> None:
        """Copy data; what is there is whole."""
        into.parent.mkdir(parents=True, exist_ok=True)
        unfinished = into.with_name(f"{into.name}.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        run("cp", "--archive", "--reflink=auto", str(data), str(unfinished))
        unfinished.rename(into)

    def remove(self, path: Path) -> None:
        shutil.rmtree(path, ignore_errors=True)
        self._memory_path(path).unlink(missing_ok=True)

    def unwanted(self, instances: set[str], snapshots: set[str], backups: set[str]) -> list[Path]:
        """Return the folders of what the API no longer knows."""
        found = []
        for kind, wanted in (("instances", instances), ("snapshots", snapshots), ("backups", backups)):
            folder = self._root / kind
            there = [path for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []
            found += [path for path in there if path.name.removesuffix(".new") not in wanted]
        return found

    @property
    def replication_password(self) -> str:
        """What replicas log in with; RDS keeps such a one, too, that nobody sees."""
        file = self._root / "replication"
        if not file.exists():
            self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(24))
        return file.read_text()

    def _memory_file(self, database: Database) -> Path:
        return self._memory_path(self.of(database.resource_id))

    @staticmethod
    def _memory_path(folder: Path) -> Path:
        return folder.with_name(f"{folder.name}.json")
