# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Bring the lab up and down: the emulator, a proxy a region, the DNS server and the reconcilers."""

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
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from lab import certificates, operator, ports
from lab.processes import Process, ProcessError
from lab.proxy import Control
from lab.runtime.ec2 import lifecycle
from lab.runtime.loop import RealizationError
from lab.runtime.rds import lifecycle as databases
from lab.runtime.vpc import names, router
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
        """The URL of each region's proxy."""
        chosen = ports.reserve(self.settings.home / "ports.json", self.settings.regions)
        return {region: f"https://127.0.0.1:{port}" for region, port in chosen.items()}

    @property
    def dns_server(self) -> str:
        """Address and port of the lab's DNS server."""
        return f"127.0.0.1:{ports.reserve(self.settings.home / 'ports.json', ('dns',))['dns']}"

    def processes(self) -> dict[str, Process]:
        """Return the lab's processes by name; those of the region proxies have their region's name."""
        names = ["aws-api", "dns", *(f"proxy-{region}" for region in self.settings.regions)]
        on_demand = [lifecycle.process(self.settings), databases.process(self.settings)]
        on_demand += [Process(self.settings.run, f"clickhouse-{region}") for region in self.settings.regions]
        found = {name: Process(self.settings.run, name) for name in names}
        return found | {process.name: process for process in on_demand if process.wanted}

    def up(self, say: Callable[[str], None], with_networks: bool = True) -> None:
        """Start what isn't running, wait until every region answers, and make sure of the users and their keys.

        Without networks instances exist in the API only: no container is started, and nothing here takes root.
        """
        started = time.monotonic()
        settings = self.settings
        if not settings.emulator_python.exists():
            raise LabError(
                f"the emulator's environment {settings.emulator_python.parents[1]} is missing. Fix: make setup"
            )
        for folder in (settings.run, settings.logs, settings.state):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        certificates.ensure_authority(settings.tls)
        self._start_emulator()
        self._start_dns()
        for region, url in self.endpoints.items():
            self._start_proxy(region, url)
        for region, url in self.endpoints.items():
            self._wait_for(region, url)
        self._ensure_users()
        if with_networks:
            self._realize(say)
        say(f"lab up after {time.monotonic() - started:.1f} s, home {settings.home}")

    def down(self, purge: bool, say: Callable[[str], None]) -> None:
        """Stop every process; `purge` also removes the lab's state, keys and logs."""
        # Databases hang on the routers of the instances.
        for reconciler in (databases, lifecycle):
            try:
                reconciler.down(self.settings, say)
            except RealizationError as error:
                say(str(error))
        processes = self.processes()
        with ThreadPoolExecutor(len(processes)) as pool:
            stopped = pool.map(Process.stop, processes.values())
            for name, was_running in zip(processes, stopped, strict=True):
                if was_running:
                    say(f"stopped {name}")
        if purge:
            shutil.rmtree(self.settings.home, ignore_errors=True)
            say(f"removed {self.settings.home}")

    def operator_key(self) -> dict[str, str]:
        """Return the access key of the operator, who may do what docs/operator-policy.json says (`access_key_id`, `secret`)."""
        return self._key("operator")

    def administrator_key(self) -> dict[str, str]:
        """Return the access key of the administrator, who may do everything; playbooks never run under it."""
        return self._key("administrator")

    def environment(self, key: dict[str, str]) -> dict[str, str]:
        """Return the variables that lead a process to this lab, under one of its keys."""
        return {
            "LAB_ENDPOINTS": json.dumps(self.endpoints),
            "LAB_DNS": self.dns_server,
            "AWS_CA_BUNDLE": str(self.settings.ca_certificate),
            "AWS_ACCESS_KEY_ID": key["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": key["secret"],
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def _key(self, user: str) -> dict[str, str]:
        file = self.settings.home / f"{user}.json"
        if not file.exists():
            raise LabError(f"the lab in {self.settings.home} has no {user}. Fix: lab up")
        return json.loads(file.read_text())

    def _ensure_users(self) -> None:
        home = self.settings.home
        iam = operator.root(self.endpoints[GLOBAL_REGION], self.settings.ca_certificate, ACCOUNT_ID, GLOBAL_REGION)
        operator.ensure_operator(iam, ACCOUNT_ID, home / "operator.json")
        operator.ensure_administrator(iam, home / "administrator.json")

    def control(self, region: str, mode: str, delay_ms: int = 0) -> None:
        """Tell a region's proxy to be `open`, to `refuse` or to be `silent`, and by how much to slow requests."""
        if region not in self.settings.regions:
            raise LabError(f"no region {region} in this lab; it has {', '.join(self.settings.regions)}")
        file = self.settings.proxy_control(region)
        new = file.with_suffix(".new")
        new.write_text(json.dumps({"mode": mode, "delay_ms": delay_ms}))
        new.replace(file)
        time.sleep(0.25)  # the proxy reads it ten times a second

    def proxy_state(self, region: str) -> dict:
        """Return the rule a region's proxy follows: `mode` and `delay_ms`."""
        control = Control.read(self.settings.proxy_control(region))
        return {"mode": control.mode, "delay_ms": control.delay_ms}

    def answers(self, url: str, timeout: float = 2.0) -> bool:
        """Return whether a region proxy leads to a healthy emulator."""
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
            "LAB_WITHOUT_PATCHES": os.environ.get("LAB_WITHOUT_PATCHES", ""),
            "LAB_ALARM_MINUTE_SECONDS": os.environ.get("LAB_ALARM_MINUTE_SECONDS", ""),
            "LAB_RECORD_CALLS": os.environ.get("LAB_RECORD_CALLS", ""),
            "LAB_RECORD_RIGHTS": os.environ.get("LAB_RECORD_RIGHTS", ""),
        }
        sockets = [str(settings.backend_socket(region)) for region in settings.regions]
        arguments = [str(settings.emulator_python), "-m", "lab.emulator.server", str(settings.control_socket), *sockets]
        self.processes()["aws-api"].start(arguments, settings.logs / "aws-api.log", environment)

    def _start_dns(self) -> None:
        settings = self.settings
        namespaces = router.NAMESPACES / names.namespace_prefix(settings.home)
        arguments = [sys.executable, "-m", "lab.dns.server", "--listen", self.dns_server, "--folder", str(settings.run)]
        arguments += ["--namespaces", str(namespaces)]
        environment = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(CHECKOUT)}
        self.processes()["dns"].start(arguments, settings.logs / "dns.log", environment)

    def _realize(self, say: Callable[[str], None]) -> None:
        try:
            lifecycle.up(self.settings, say)
            databases.up(self.settings, say)
        except RealizationError as error:
            raise LabError(f"instances and databases can't be realized:\n{error}") from error

    def _start_proxy(self, region: str, url: str) -> None:
        settings = self.settings
        certificate, key = certificates.issue(settings.tls, f"proxy-{region}", ["127.0.0.1", "localhost"])
        arguments = [sys.executable, "-m", "lab.proxy", "--listen", f"127.0.0.1:{url.rpartition(':')[2]}"]
        arguments += [
            "--backend",
            str(settings.backend_socket(region)),
            "--control",
            str(settings.proxy_control(region)),
        ]
        arguments += ["--certificate", str(certificate), "--key", str(key)]
        name = f"proxy-{region}"
        environment = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(CHECKOUT)}
        self.processes()[name].start(arguments, settings.logs / f"{name}.log", environment)

    def _wait_for(self, region: str, url: str) -> None:
        if self.settings.proxy_control(region).exists():
            self.settings.proxy_control(region).unlink()  # a cut does not outlast `lab up`
        deadline = time.monotonic() + _START_TIMEOUT
        while not self.answers(url):
            for name in ("aws-api", f"proxy-{region}"):
                if not self.processes()[name].pid:
                    raise LabError(f"{name} has ended. Hint: see {self.settings.logs / (name + '.log')}")
            if time.monotonic() > deadline:
                raise LabError(
                    f"{region} does not answer at {url} after {_START_TIMEOUT:.0f} s. Hint: see {self.settings.logs}"
                )
            time.sleep(0.1)


__all__ = ["LabError", "ProcessError", "Stack"]
