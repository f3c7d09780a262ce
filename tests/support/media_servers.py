# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Media servers and workers in separate processes, which a test starts, calls and kills."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab import certificates
from lab.settings import CHECKOUT
from tests.support.media_regions import HERE, THERE, MediaRegions

_STARTS_WITHIN_S = 180


def host(region: str) -> str:
    """Return the name in the server's certificate, which is not in DNS."""
    return f"media.{region}.lab.test"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class MediaServers:
    """The processes of two regions. `s3_urls` and `kms_urls` replace the endpoints of a region, for example with a proxy."""

    regions: MediaRegions
    folder: Path
    s3_urls: dict[str, str] = field(default_factory=dict)
    kms_urls: dict[str, str] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ports = {region: _free_port() for region in (HERE, THERE)}

    # Processes

    def start(self, name: str, command: str, region: str, **settings: Any) -> None:
        """Start `serve` or `work` under a name."""
        file = self.folder / f"{name}.json"
        file.write_text(json.dumps(self._settings(region) | settings))
        log = (self.folder / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            [sys.executable, "-m", "tests.support.media_process", command, "--settings", str(file)],
            cwd=CHECKOUT,
            env=self.environment(),
            stdout=log,
            stderr=log,
        )
        log.close()

    def _settings(self, region: str) -> dict[str, Any]:
        stored = self.regions.settings(region)
        urls = stored["endpoint_urls"]
        urls |= {"s3": self.s3_urls.get(region, urls["s3"]), "kms": self.kms_urls.get(region, urls["kms"])}
        tls = self.regions.lab.stack.settings.tls
        certificate, key = certificates.issue(tls, f"media-{region}", [host(region)])
        return stored | {
            "listen_port": self.ports[region],
            "public_url": f"https://{host(region)}:{self.ports[region]}",
            "tls_certificate": str(certificate),
            "tls_key": str(key),
            "work_dir": str(self.folder / "work"),
        }

    def environment(self) -> dict[str, str]:
        """Return the environment with the lab's administrator. Other tests prove the permissions of the role."""
        path = os.pathsep.join(
            [str(CHECKOUT), str(CHECKOUT / "media_server" / "src"), str(CHECKOUT / ".build/collections")]
        )
        return self.regions.lab.environment(administrator=True) | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}

    def wait_ready(self, region: str) -> None:
        """Wait until the server of a region accepts connections."""
        until = time.monotonic() + _STARTS_WITHIN_S
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.ports[region]), timeout=1):
                return
            assert time.monotonic() < until, f"the server of {region} did not start: {self.logs()}"
            time.sleep(0.2)

    def kill(self, name: str) -> None:
        """Kill a process with SIGKILL."""
        process = self.processes.pop(name)
        process.kill()
        process.wait(30)

    def stop(self) -> None:
        """Stop all processes."""
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
            process.kill()
            process.wait(30)
        self.processes.clear()

    def log_of(self, name: str) -> str:
        """Return the log of a process and of earlier ones with its name."""
        return (self.folder / f"{name}.log").read_text()

    def logs(self, last: int = 3000) -> str:
        """Return the ends of all logs."""
        return "\n".join(f"{file.name}: {file.read_text()[-last:]}" for file in sorted(self.folder.glob("*.log")))

    # The module

    def options(self, **options: Any) -> dict[str, Any]:
        """Return the module's options for these servers."""
        endpoints = self.regions.lab.stack.endpoints
        return {
            "region": HERE,
            "endpoint_url": endpoints[HERE],
            "region_endpoints": endpoints,
            "token_secret": self.regions.name,
            "tls_ca": str(self.regions.lab.stack.settings.ca_certificate),
            "servers": [
                {
                    "region": region,
                    "url": f"https://{host(region)}:{self.ports[region]}",
                    "address": f"127.0.0.1:{self.ports[region]}",
                }
                for region in (HERE, THERE)
            ],
            "wait_timeout": 600,
        } | options

    def begin_module(self, **options: Any) -> subprocess.Popen:
        """Start the module in a separate process, without starting Ansible."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.module_process"],
            cwd=CHECKOUT,
            env=self.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        asked = {"module": "media_key_rotation", "options": self.options(**options)}
        process.stdin.write(json.dumps(asked))
        process.stdin.close()
        process.stdin = None
        return process

    def result_of(self, process: subprocess.Popen) -> dict[str, Any] | None:
        """Return the result of a module run, with its whole output as `output`; None if it was killed."""
        output, errors = process.communicate(timeout=1800)
        if process.returncode == -signal.SIGKILL:
            return None
        try:
            return json.loads(output) | {"output": output + errors}
        except ValueError:
            raise AssertionError(f"{output}{errors}") from None

    def run_module(self, **options: Any) -> dict[str, Any]:
        """Run the module to its end."""
        result = self.result_of(self.begin_module(**options))
        assert result is not None
        return result

    def succeeded(self, **options: Any) -> dict[str, Any]:
        """Run the module to its end, and check that it succeeded."""
        result = self.run_module(**options)
        assert not result.get("failed"), f"{result['msg']}\n{self.logs()}"
        return result


@contextlib.contextmanager
def media_servers(regions: MediaRegions, folder: Path) -> Iterator[MediaServers]:
    """Yield the servers, none started yet, and stop all at the end."""
    servers = MediaServers(regions, folder)
    try:
        yield servers
    finally:
        servers.stop()
