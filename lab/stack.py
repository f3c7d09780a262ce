# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Bring the lab up and down: the emulator and one front a region."""

from __future__ import annotations

import json
import os
import shutil
import ssl
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass

from lab import certificates, networks, operator, ports
from lab.front import Control
from lab.networks import NetworkError
from lab.processes import Process, ProcessError
from lab.settings import ACCOUNT_ID, CHECKOUT, GLOBAL_REGION, LabSettings

_START_TIMEOUT = 60.0


class LabError(Exception):
    """Something keeps the lab from standing; the message says what, and what to do."""


@dataclass(frozen=True)
class Stack:
    """One lab's processes and addresses."""

    settings: LabSettings

    @property
    def endpoints(self) -> dict[str, str]:
        """The URL of each region's front."""
        chosen = ports.reserve(self.settings.home / "ports.json", self.settings.regions)
        return {region: f"https://127.0.0.1:{port}" for region, port in chosen.items()}

    @property
    def dns_server(self) -> str:
        """Address and port of the lab's DNS server."""
        return f"127.0.0.1:{ports.reserve(self.settings.home / 'ports.json', ('dns',))['dns']}"

    def processes(self) -> dict[str, Process]:
        """The lab's processes by name; those of the fronts carry their region's name."""
        names = ["aws-api", "dns", *(f"front-{region}" for region in self.settings.regions)]
        return {name: Process(self.settings.run, name) for name in names}

    def up(self, say: Callable[[str], None], with_networks: bool = True) -> None:
        """Start what isn't running, wait until every region answers, and make sure of the operator's key.

        Without networks the fronts listen on loopback only, which is all that playbooks on this machine need.
        """
        started = time.monotonic()
        settings = self.settings
        if not settings.emulator_python.exists():
            raise LabError(
                f"the emulator's environment {settings.emulator_python.parents[1]} is missing: run `make setup`"
            )
        for folder in (settings.run, settings.logs, settings.state):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        certificates.ensure_authority(settings.tls)
        self._start_emulator()
        self._start_dns()
        gateways = networks.ensure(settings.home, settings.regions) if with_networks else {}
        for region, url in self.endpoints.items():
            self._start_front(region, url, gateways.get(region))
        for region, url in self.endpoints.items():
            self._wait_for(region, url)
        self.operator_key()
        say(f"lab up after {time.monotonic() - started:.1f} s, home {settings.home}")

    def down(self, purge: bool, say: Callable[[str], None]) -> None:
        """Stop every process; `purge` also removes the lab's state, keys and logs."""
        for name, process in reversed(self.processes().items()):
            if process.stop():
                say(f"stopped {name}")
        try:
            for name in networks.remove(self.settings.home):
                say(f"removed the network {name}")
        except NetworkError as error:
            say(f"networks were left alone: {error}")
        if purge:
            shutil.rmtree(self.settings.home, ignore_errors=True)
            say(f"removed {self.settings.home}")

    def operator_key(self) -> dict[str, str]:
        """The operator's access key."""
        return operator.ensure(
            self.settings.home / "operator.json",
            self.endpoints[GLOBAL_REGION],
            self.settings.ca_certificate,
            ACCOUNT_ID,
            GLOBAL_REGION,
        )

    def control(self, region: str, mode: str, delay_ms: int = 0) -> None:
        """Tell a region's front to be `open`, to `refuse` or to be `silent`, and by how much to slow requests."""
        if region not in self.settings.regions:
            raise LabError(f"no region {region} in this lab; it has {', '.join(self.settings.regions)}")
        file = self.settings.front_control(region)
        new = file.with_suffix(".new")
        new.write_text(json.dumps({"mode": mode, "delay_ms": delay_ms}))
        new.replace(file)
        time.sleep(0.25)  # the front looks ten times a second

    def front_state(self, region: str) -> dict:
        """The rule a region's front follows: `mode` and `delay_ms`."""
        control = Control.read(self.settings.front_control(region))
        return {"mode": control.mode, "delay_ms": control.delay_ms}

    def answers(self, url: str, timeout: float = 2.0) -> bool:
        """Whether a front leads to a healthy emulator."""
        try:
            trust = ssl.create_default_context(cafile=str(self.settings.ca_certificate))
            with urllib.request.urlopen(f"{url}/_ministack/health", timeout=timeout, context=trust) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def _start_emulator(self) -> None:
        settings = self.settings
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "PYTHONPATH": str(CHECKOUT),
            "TMPDIR": str(settings.run),
            "AUTH": "true",
            "MINISTACK_ACCOUNT_ID": ACCOUNT_ID,
            "PERSIST_STATE": "1",
            "STATE_DIR": str(settings.state / "services"),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(settings.state / "s3"),
            "CLOUDTRAIL_RECORDING": "1",
            "SFTP_ENABLED": "0",
            "DOCKER_HOST": "unix:///nonexistent",  # the reconcilers of lab/ start containers, not the emulator
            "LOG_LEVEL": os.environ.get("LAB_LOG_LEVEL", "INFO"),
            "LAB_WITHOUT_MENDS": os.environ.get("LAB_WITHOUT_MENDS", ""),
            "LAB_RECORD_CALLS": os.environ.get("LAB_RECORD_CALLS", ""),
        }
        sockets = [str(settings.backend_socket(region)) for region in settings.regions]
        arguments = [str(settings.emulator_python), "-m", "lab.aws_api", *sockets]
        self.processes()["aws-api"].start(arguments, settings.logs / "aws-api.log", environment)

    def _start_dns(self) -> None:
        settings = self.settings
        arguments = [sys.executable, "-m", "lab.dns.server", "--listen", self.dns_server, "--folder", str(settings.run)]
        environment = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(CHECKOUT)}
        self.processes()["dns"].start(arguments, settings.logs / "dns.log", environment)

    def _start_front(self, region: str, url: str, gateway: str | None) -> None:
        settings = self.settings
        port = url.rpartition(":")[2]
        hosts = ["127.0.0.1", *([gateway] if gateway else [])]
        certificate, key = certificates.issue(settings.tls, f"front-{region}", [*hosts, "localhost"])
        arguments = [sys.executable, "-m", "lab.front"]
        for host in hosts:
            arguments += ["--listen", f"{host}:{port}"]
        arguments += [
            "--backend",
            str(settings.backend_socket(region)),
            "--control",
            str(settings.front_control(region)),
        ]
        arguments += ["--certificate", str(certificate), "--key", str(key)]
        name = f"front-{region}"
        environment = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(CHECKOUT)}
        self.processes()[name].start(arguments, settings.logs / f"{name}.log", environment)

    def _wait_for(self, region: str, url: str) -> None:
        if self.settings.front_control(region).exists():
            self.settings.front_control(region).unlink()  # a cut does not outlast `lab up`
        deadline = time.monotonic() + _START_TIMEOUT
        while not self.answers(url):
            for name in ("aws-api", f"front-{region}"):
                if not self.processes()[name].pid:
                    raise LabError(f"{name} has ended, see {self.settings.logs / (name + '.log')}")
            if time.monotonic() > deadline:
                raise LabError(
                    f"{region} does not answer at {url} after {_START_TIMEOUT:.0f} s, see {self.settings.logs}"
                )
            time.sleep(0.1)


__all__ = ["LabError", "NetworkError", "ProcessError", "Stack"]
