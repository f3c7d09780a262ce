# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Start, find and stop the lab's own processes, and never anybody else's."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path


class ProcessError(Exception):
    """A process of the lab did not start, or did not stop."""


class Process:
    """A detached process that is known by its pid *and* its start time, since pids are used again."""

    def __init__(self, run: Path, name: str):
        self.name = name
        self._file = run / f"{name}.pid"

    @property
    def wanted(self) -> bool:
        """Whether it was started and not stopped since, be it alive or not."""
        return self._file.exists()

    @property
    def pid(self) -> int | None:
        """The pid while the process lives, else None."""
        try:
            pid, started = self._file.read_text().split()
        except (FileNotFoundError, ValueError):
            return None
        return int(pid) if _start_time(int(pid)) == started else None

    def start(self, arguments: list[str], log: Path, environment: dict[str, str]) -> None:
        """Start it, detached, with its output appended to `log`; nothing where it runs already."""
        if self.pid:
            return
        log.parent.mkdir(parents=True, exist_ok=True)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            child = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
            )
        self._file.write_text(f"{child.pid} {_start_time(child.pid)}")

    def stop(self, timeout: float = 15.0) -> bool:
        """Ask it to end, and end it when it hasn't after `timeout` seconds; True where it was running."""
        pid = self.pid
        if pid:
            os.kill(pid, signal.SIGTERM)
            if not self._gone(timeout):
                os.kill(pid, signal.SIGKILL)
                if not self._gone(5.0):
                    raise ProcessError(f"{self.name} (pid {pid}) does not end")
        self._file.unlink(missing_ok=True)
        return bool(pid)

    def _gone(self, timeout: float) -> bool:
        deadline = time.monotonic() + timeout
        while self.pid:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True


def _start_time(pid: int) -> str | None:
    """Field 22 of /proc/PID/stat; None for a process that is gone or a zombie (proc(5))."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else fields[19]
