# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Start and stop the lab's ClickHouse of a region. Its data, key and log stay in the lab's home.

It listens on this machine, or inside a VPC, where only the VPC's instances reach it and it reaches S3 as they do.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lab import certificates, ports
from lab.clickhouse.configuration import (
    Collection,
    Listener,
    engine_configuration,
    server_configuration,
    server_users,
)
from lab.clickhouse.program import program
from lab.clickhouse.rights import grants
from lab.processes import Process, ProcessError
from lab.runtime.shell import run
from lab.runtime.vpc import names
from lab.runtime.vpc.endpoints import RESOLVER
from lab.settings import CHECKOUT
from lab.stack import Stack

_START_TIMEOUT = 60.0
# One has the rights of the role's README, the other may do everything; they have one password.
USER, ADMINISTRATOR = "backup_operator", "administrator"

# Where it is inside a VPC: an address set apart for tests between networks (RFC 2544), as those of the APIs are.
ADDRESS_IN_NETWORK, PORT_IN_NETWORK = "198.18.1.1", 8443

# ip-netns(8) gives each command a view of the file system of its own.
_WITH_RESOLVER = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'


@dataclass(frozen=True)
class ClickHouseServer:
    """The ClickHouse server of one region of a lab; with `network`, the ID of a VPC, inside of it."""

    stack: Stack
    region: str
    network: str = ""

    @property
    def address(self) -> str:
        return ADDRESS_IN_NETWORK if self.network else "127.0.0.1"

    @property
    def namespace(self) -> str:
        """The network namespace of its VPC."""
        return names.namespace(self.stack.settings.home, self.network)

    @property
    def port(self) -> int:
        if self.network:
            return PORT_IN_NETWORK
        name = f"clickhouse-{self.region}"
        return ports.reserve(self.stack.settings.home / "ports.json", (name,))[name]

    @property
    def url(self) -> str:
        return f"https://{self.address}:{self.port}"

    @property
    def process(self) -> Process:
        return Process(self.stack.settings.run, f"clickhouse-{self.region}")

    @property
    def password(self) -> str:
        """The password of its users, USER and ADMINISTRATOR."""
        return json.loads(self._user_file.read_text())["password"]

    @property
    def _folder(self) -> Path:
        return self.stack.settings.state / f"clickhouse-{self.region}"

    @property
    def _user_file(self) -> Path:
        return self._folder / "user.json"

    def start(self, collections: list[Collection], role: Mapping[str, str] | None = None, extra: str = "") -> None:
        """Start it, and wait until it listens; nothing where it runs already. Raises ProcessError.

        `role` holds the variables with the credentials that collections without a key use. `extra` is added to the engine's
        configuration.
        """
        settings = self.stack.settings
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self._user_file.exists():
            _write_secret(self._user_file, json.dumps({"name": USER, "password": secrets.token_urlsafe(24)}))
        name = self.process.name
        own = program()
        arguments = self._server(own, collections) if own else self._engine(collections, extra)
        environment = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(CHECKOUT), **(role or {})}
        self.process.start(
            [*self._enter_network(), *arguments] if self.network else arguments,
            settings.logs / f"{name}.log",
            environment,
        )
        self._wait(settings.logs / f"{name}.log")

    def _engine(self, collections: list[Collection], extra: str) -> list[str]:
        """Return the engine in a process of the lab."""
        python = CHECKOUT / ".build" / "clickhouse" / "bin" / "python"
        if not python.exists():
            raise ProcessError(f"ClickHouse's environment {python.parents[1]} is missing. Fix: make setup")
        settings, configuration = self.stack.settings, self._folder / "config.xml"
        _write_secret(configuration, engine_configuration(collections, self.region, settings.ca_certificate, extra))
        certificate, key = self._certificate()
        return [
            *(str(python), "-m", "lab.clickhouse.server", "--listen", f"{self.address}:{self.port}"),
            *("--data", str(self._folder / "data"), "--configuration", str(configuration)),
            *(
                "--user",
                str(self._user_file),
                "--administrator",
                ADMINISTRATOR,
                "--certificate",
                str(certificate),
                "--key",
                str(key),
            ),
            *("--listening", str(self._listening)),
            *("--of-role", *(collection.name for collection in collections if collection.uses_role)),
        ]

    def _server(self, own: Path, collections: list[Collection]) -> list[str]:
        """ClickHouse's own server."""
        configuration, authority = self._folder / "server.xml", self.stack.settings.ca_certificate
        listener = Listener(self._folder, self.address, self.port, *self._certificate())
        _write_secret(configuration, server_configuration(collections, self.region, authority, listener))
        _write_secret(self._folder / "users.xml", server_users(USER, ADMINISTRATOR, self.password, grants()))
        return [str(own), "server", f"--config-file={configuration}"]

    def _certificate(self) -> tuple[Path, Path]:
        return certificates.issue(self.stack.settings.tls, self.process.name, [self.address, "localhost"])

    def stop(self) -> None:
        self.process.stop()

    def remove(self) -> None:
        """Stop it, and give up its data."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _listening(self) -> Path:
        """Holds the process that listens."""
        return self.stack.settings.run / f"{self.process.name}.listening"

    def _enter_network(self) -> list[str]:
        run("ip", "-netns", self.namespace, "address", "replace", f"{self.address}/32", "dev", "lo")
        resolver = self._folder / "resolv.conf"
        resolver.write_text(f"nameserver {RESOLVER}\n")
        return ["ip", "netns", "exec", self.namespace, "sh", "-c", _WITH_RESOLVER, str(resolver)]

    def _wait(self, log: Path) -> None:
        deadline = time.monotonic() + _START_TIMEOUT
        while not self._listens():
            if not self.process.pid:
                raise ProcessError(f"{self.process.name} has ended. Hint: see {log}")
            if time.monotonic() > deadline:
                raise ProcessError(
                    f"{self.process.name} does not listen at {self.url} after {_START_TIMEOUT:.0f} s. Hint: see {log}"
                )
            time.sleep(0.1)

    def _listens(self) -> bool:
        try:
            if self._listening.read_text() == str(self.process.pid):
                return True
        except FileNotFoundError:
            pass
        # ClickHouse's own server writes no such file.
        within = ["ip", "netns", "exec", self.namespace] if self.network else []
        knock = [*within, "bash", "-c", f"</dev/tcp/{self.address}/{self.port}"]
        return not subprocess.run(knock, capture_output=True, check=False).returncode


def _write_secret(file: Path, content: str) -> None:
    file.touch(mode=0o600)
    file.write_text(content)
