# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run a reconciler as a process: it realizes what the emulator has in its records, again and again until it is stopped."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from lab.processes import Process
from lab.runtime.control_client import ControlError
from lab.runtime.shell import CommandError
from lab.settings import CHECKOUT, LabSettings

_START_TIMEOUT = 60.0
_INTERVAL = 0.7


class RealizationError(Exception):
    """What the emulator has in its records can't be realized; the message says why, and what to do."""


def launch(settings: LabSettings, process: Process, marker: Path, settings_passed: tuple[str, ...]) -> None:
    """Start the reconciler `lab.runtime.<name>` and wait for its first pass; it also gets the variables `settings_passed`."""
    log = settings.logs / f"{process.name}.log"
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": str(CHECKOUT),
        "LAB_HOME": str(settings.home),
        "LAB_REGIONS": ",".join(settings.regions),
        **{name: os.environ.get(name, "") for name in settings_passed},
    }
    process.start([sys.executable, "-m", f"lab.runtime.{process.name}"], log, environment)
    deadline = time.monotonic() + _START_TIMEOUT
    while not _has_passed(marker, process):
        if not process.pid:
            raise RealizationError(f"{process.name} has ended. Hint: see {log}")
        if time.monotonic() > deadline:
            raise RealizationError(f"{process.name} has made no pass in {_START_TIMEOUT:.0f} s. Hint: see {log}")
        time.sleep(0.1)


def _has_passed(marker: Path, process: Process) -> bool:
    try:
        return marker.read_text() == str(process.pid)
    except FileNotFoundError:
        return False


def reconcile_loop(reconcile: Callable[[], None], marker: Path, log: Callable[[str], None]) -> None:
    """Reconcile until the process is told to end; `marker` exists after the first pass."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    while not stop.is_set():
        try:
            reconcile()
            marker.write_text(str(os.getpid()))
        except (CommandError, ControlError) as error:
            log(str(error))
        stop.wait(_INTERVAL)
