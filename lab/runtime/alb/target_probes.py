# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Probe the targets of a VPC's load balancers, from its router, as their health checks say.

A target's certificate is not verified, as a load balancer doesn't.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
"""

from __future__ import annotations

import asyncio
import http.client
import socket
import ssl
import sys
import time
from collections.abc import Callable

from lab.runtime.control_client import ControlError

_INTERVAL = 1.0
_AGENT = "ELB-HealthChecker/2.0"


def probe(check: dict) -> tuple[bool, str]:
    """Probe a target once: whether it is sound, and what was found."""
    try:
        if check["protocol"] not in ("HTTP", "HTTPS"):
            socket.create_connection((check["address"], check["port"]), check["timeout"]).close()
            return True, "connected"
        return _ask(check)
    except (OSError, http.client.HTTPException) as error:
        return False, f"{type(error).__name__}: {error}"


def _ask(check: dict) -> tuple[bool, str]:
    where = {"host": check["address"], "port": check["port"], "timeout": check["timeout"]}
    if check["protocol"] == "HTTPS":
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(**where, context=trusting)
    else:
        connection = http.client.HTTPConnection(**where)
    try:
        connection.request("GET", check["path"], headers={"User-Agent": _AGENT, "Connection": "close"})
        status = connection.getresponse().status
    finally:
        connection.close()
    return matches(check["matcher"], status), f"these codes: [{status}]"


class Prober:
    """Probes what `checks` returns, each at its interval, and tells `report`."""

    def __init__(self, checks: Callable[[], list[dict]], report: Callable[[list[dict]], object]):
        self._checks = checks
        self._report = report
        self._due: dict[tuple, float] = {}

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await self._probe_due()
            except ControlError as error:
                print(error, file=sys.stderr, flush=True)
            await asyncio.sleep(_INTERVAL)

    async def _probe_due(self) -> None:
        now, checks = time.monotonic(), await asyncio.to_thread(self._checks)
        keyed = {(check["group"], check["target"], check["target_port"]): check for check in checks}
        self._due = {key: self._due.get(key, 0.0) for key in keyed}
        due = [(key, check) for key, check in keyed.items() if self._due[key] <= now]
        self._due |= {key: now + check["interval"] for key, check in due}
        found = await asyncio.gather(*(asyncio.to_thread(probe, check) for _key, check in due))
        results = [
            {"group": key[0], "target": key[1], "target_port": key[2], "sound": sound, "said": said}
            for (key, _check), (sound, said) in zip(due, found, strict=True)
        ]
        if results:
            await asyncio.to_thread(self._report, results)


def matches(matcher: str, status: int) -> bool:
    """Return whether a status is one of `200`, `200,202` or `200-299`, or of several of them."""
    for part in matcher.split(","):
        first, _, last = part.strip().partition("-")
        if int(first) <= status <= int(last or first):
            return True
    return False
