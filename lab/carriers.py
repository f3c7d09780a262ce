# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Processes that make true what the emulator only tells: they look at its state again and again until they are stopped."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from lab.backstage_client import BackstageError
from lab.ec2.shell import CommandError
from lab.processes import Process
from lab.settings import CHECKOUT, LabSettings

_START_TIMEOUT = 60.0
_INTERVAL = 0.7


class CarrierError(Exception):
    """What the lab's API tells of can't be carried; the message says why, and what to do."""


def launch(settings: LabSettings, carrier: Process, marker: Path, settings_passed: tuple[str, ...]) -> None:
    """Start `lab.<name>` and wait until it has looked once; `settings_passed` names variables that it gets, too."""
    log = settings.logs / f"{carrier.name}.log"
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": str(CHECKOUT),
        "LAB_HOME": str(settings.home),
        "LAB_REGIONS": ",".join(settings.regions),
        **{name: os.environ.get(name, "") for name in settings_passed},
    }
    carrier.start([sys.executable, "-m", f"lab.{carrier.name}"], log, environment)
    deadline = time.monotonic() + _START_TIMEOUT
    while not _carries(marker, carrier):
        if not carrier.pid:
            raise CarrierError(f"{carrier.name} has ended, see {log}")
        if time.monotonic() > deadline:
            raise CarrierError(f"{carrier.name} has not looked around after {_START_TIMEOUT:.0f} s, see {log}")
        time.sleep(0.1)


def _carries(marker: Path, carrier: Process) -> bool:
    try:
        return marker.read_text() == str(carrier.pid)
    except FileNotFoundError:
        return False


def look_on(look: Callable[[], None], marker: Path, log: Callable[[str], None]) -> None:
    """Look until the process is told to end; `marker` says since when things are carried."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    while not stop.is_set():
        try:
            look()
            marker.write_text(str(os.getpid()))
        except (CommandError, BackstageError) as error:
            log(str(error))
        stop.wait(_INTERVAL)
