# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Route 53's health checks, made true by real probes.

One prober stands for AWS's many: a check fails, or recovers, after its threshold of results in a row, one an interval.
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_CONNECT_TIMEOUT, _TCP_TIMEOUT, _ANSWER_TIMEOUT = 4.0, 10.0, 2.0
_SEARCHED = 5120  # bytes of the answer that are searched for the search string


@dataclass(frozen=True)
class Place:
    """Where an endpoint is reached: its address, or a name for this machine to resolve, and the network namespace to go by."""

    address: str
    namespace: Path | None = None


Locate = Callable[[str], Place]


@dataclass
class Check:
    """A health check, and what its probes found."""

    config: dict[str, Any]
    healthy: bool = True  # until there is reason to think otherwise, as on AWS
    contrary: int = 0  # results in a row that speak against `healthy`
    status: str = "no probe yet"
    checked: float = 0.0
    task: asyncio.Task | None = field(default=None, repr=False)

    def note(self, sound: bool, status: str) -> bool:
        """Take a probe's result in; True where the check's verdict changed."""
        self.status, self.checked = status, time.time()
        self.contrary = 0 if sound == self.healthy else self.contrary + 1
        if self.contrary < int(self.config.get("FailureThreshold", 3)):
            return False
        self.healthy, self.contrary = sound, 0
        return True

    @property
    def counts_as_healthy(self) -> bool:
        """What Route 53 makes of it: a disabled check is healthy, an inverted one the opposite of what was found."""
        found = self.healthy or bool(self.config.get("Disabled"))
        return found != bool(self.config.get("Inverted"))


async def probe(config: dict[str, Any], locate: Locate) -> tuple[bool, str]:
    """Probe an endpoint once: whether it is sound, and what was found."""
    kind = config["Type"]
    if not kind.startswith(("HTTP", "TCP")):
        return True, f"{kind} is not probed in the lab"
    tls = kind.startswith("HTTPS")
    port = int(config.get("Port", 443 if tls else 80))
    place = Place(config["IPAddress"]) if config.get("IPAddress") else locate(config["FullyQualifiedDomainName"])
    address = place.address
    context = None
    if tls:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # as on AWS
    try:
        limit = _TCP_TIMEOUT if kind == "TCP" else _CONNECT_TIMEOUT
        async with asyncio.timeout(limit):
            name = config.get("FullyQualifiedDomainName", address) if config.get("EnableSNI") else ""
            reader, writer = await _connect(place, port, ssl=context, server_hostname=name if tls else None)
        try:
            if kind == "TCP":
                return True, "Success: TCP connection established"
            async with asyncio.timeout(_ANSWER_TIMEOUT):
                return await _ask(reader, writer, config, address)
        finally:
            writer.transport.abort()
    except (OSError, ssl.SSLError, TimeoutError, asyncio.IncompleteReadError, ValueError, IndexError) as error:
        return False, f"Failure: {type(error).__name__} {error}".strip()


async def _connect(place: Place, port: int, **tls: Any) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if place.namespace is None:
        return await asyncio.open_connection(place.address, port, **tls)
    with _entered(place.namespace):
        # A socket stays in the network that it was made in.
        connection = socket.socket()
    connection.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(connection, (place.address, port))
        return await asyncio.open_connection(sock=connection, **tls)
    except BaseException:
        connection.close()
        raise


@contextlib.contextmanager
def _entered(namespace: Path) -> Iterator[None]:
    """Be in a network namespace; nothing may be awaited meanwhile."""
    with Path("/proc/thread-self/ns/net").open() as home, namespace.open() as there:
        os.setns(there.fileno(), os.CLONE_NEWNET)
        try:
            yield
        finally:
            os.setns(home.fileno(), os.CLONE_NEWNET)


async def _ask(reader, writer, config: dict[str, Any], address: str) -> tuple[bool, str]:
    host = config.get("FullyQualifiedDomainName", address)
    path = config.get("ResourcePath") or "/"
    request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Amazon-Route53-Health-Check-Service\r\nConnection: close\r\n\r\n"
    writer.write(request.encode())
    await writer.drain()
    line = (await reader.readuntil(b"\n")).decode(errors="replace").strip()
    sound = 200 <= int(line.split()[1]) < 400
    wanted = config.get("SearchString")
    if sound and wanted and config["Type"].endswith("STR_MATCH"):
        sound = wanted.encode() in await reader.read(_SEARCHED)
    return sound, f"{'Success' if sound else 'Failure'}: {line}"


class Prober:
    """Keeps one probing task for each health check there is."""

    def __init__(self, locate: Locate, changed: Callable[[dict[str, Any]], None]):
        self._locate = locate
        self._changed = changed
        self.checks: dict[str, Check] = {}

    def healthy(self, check_id: str) -> bool:
        """Return what Route 53 would think of a check."""
        check = self.checks.get(check_id)
        return check is None or check.counts_as_healthy

    def follow(self, wanted: dict[str, dict[str, Any]]) -> None:
        """Begin with new checks, take changed settings over, end those that are gone."""
        for check_id in set(self.checks) - set(wanted):
            self.checks.pop(check_id).task.cancel()
        for check_id, config in wanted.items():
            if check_id in self.checks:
                self.checks[check_id].config = config
            else:
                check = self.checks[check_id] = Check(config)
                check.task = asyncio.ensure_future(self._probe_on(check))
        self._tell()

    def _tell(self) -> None:
        self._changed(
            {
                check_id: {"healthy": check.counts_as_healthy, "status": check.status, "checked": check.checked}
                for check_id, check in self.checks.items()
            }
        )

    async def _probe_on(self, check: Check) -> None:
        while True:
            started = time.monotonic()
            check.note(*await probe(check.config, self._locate))
            self._tell()
            interval = int(check.config.get("RequestInterval", 30))
            await asyncio.sleep(max(0.0, interval - (time.monotonic() - started)))
