# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Start and stop the lab's ClickHouse of a region. Its data, key and log stay in the lab's home."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import ssl
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from lab import certificates, ports
from lab.clickhouse.configuration import Collection, engine_configuration
from lab.processes import Process, ProcessError
from lab.settings import CHECKOUT
from lab.stack import Stack

_START_TIMEOUT = 60.0
USER = "backup_operator"


@dataclass(frozen=True)
class ClickHouseServer:
    """The ClickHouse server of one region of a lab."""

    stack: Stack
    region: str

    @property
    def port(self) -> int:
        name = f"clickhouse-{self.region}"
        return ports.reserve(self.stack.settings.home / "ports.json", (name,))[name]

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def process(self) -> Process:
        return Process(self.stack.settings.run, f"clickhouse-{self.region}")

    @property
    def password(self) -> str:
        """The password of its only user, USER."""
        return json.loads(self._user_file.read_text())["password"]

    @property
    def _folder(self) -> Path:
        return self.stack.settings.state / f"clickhouse-{self.region}"

    @property
    def _user_file(self) -> Path:
        return self._folder / "user.json"

    def start(self, collections: list[Collection]) -> None:
        """Start it, and wait until it answers; nothing where it runs already. Raises ProcessError."""
        settings = self.stack.settings
        python = CHECKOUT / ".build" / "clickhouse" / "bin" / "python"
        if not python.exists():
            raise ProcessError(f"ClickHouse's environment {python.parents[1]} is missing: run `make setup`")
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self._user_file.exists():
            _write_secret(self._user_file, json.dumps({"name": USER, "password": secrets.token_urlsafe(24)}))
        configuration = self._folder / "config.xml"
        _write_secret(configuration, engine_configuration(collections, self.region, settings.ca_certificate))
        name = self.process.name
        certificate, key = certificates.issue(settings.tls, name, ["127.0.0.1", "localhost"])
        arguments = [str(python), "-m", "lab.clickhouse.server", "--listen", f"127.0.0.1:{self.port}"]
        arguments += ["--data", str(self._folder / "data"), "--configuration", str(configuration)]
        arguments += ["--user", str(self._user_file), "--certificate", str(certificate), "--key", str(key)]
        environment = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(CHECKOUT)}
        self.process.start(arguments, settings.logs / f"{name}.log", environment)
        self._wait(settings.logs / f"{name}.log")

    def stop(self) -> None:
        self.process.stop()

    def remove(self) -> None:
        """Stop it, and give up its data."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _wait(self, log: Path) -> None:
        trust = ssl.create_default_context(cafile=str(self.stack.settings.ca_certificate))
        deadline = time.monotonic() + _START_TIMEOUT
        while True:
            try:
                with urllib.request.urlopen(f"{self.url}/ping", timeout=2, context=trust):
                    return
            except OSError as error:
                if not self.process.pid:
                    raise ProcessError(f"{self.process.name} has ended, see {log}") from error
                if time.monotonic() > deadline:
                    raise ProcessError(
                        f"{self.process.name} does not answer at {self.url} after {_START_TIMEOUT:.0f} s, see {log}"
                    ) from error
            time.sleep(0.1)


def _write_secret(file: Path, content: str) -> None:
    file.touch(mode=0o600)
    file.write_text(content)
