# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
name: progress
type: aggregate
short_description: Say how long tasks have run, while they run
version_added: 0.3.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - While a task runs for long, prints a line every O(interval) seconds with the task's name, the hosts that it still waits for,
    the seconds it has taken, and how long it usually takes.
  - Durations of tasks that took longer than O(interval) are kept in O(durations), and are what later runs expect.
  - A task that never ran here can say what to expect in a variable of its own, whose name ends in C(_expected_seconds).
requirements:
  - Enable it in C(callbacks_enabled).
options:
  interval:
    description: Seconds between two lines. V(0) prints none.
    type: float
    default: 20
    env: [{name: KNOWLEDGECITY_PROGRESS_INTERVAL}]
    ini: [{section: callback_progress, key: interval}]
  durations:
    description:
      - JSON file with the durations of earlier runs, by task name.
      - A file that can't be read or written is left alone.
    type: path
    default: ~/.ansible/knowledgecity/durations.json
    env: [{name: KNOWLEDGECITY_PROGRESS_DURATIONS}]
    ini: [{section: callback_progress, key: durations}]
"""

EXAMPLES = r"""
# ansible.cfg
# [defaults]
# callbacks_enabled = knowledgecity.platform.progress
#
# [callback_progress]
# interval = 30

# While a task runs:
# Waiting: Wait until hosts are healthy behind the load balancer (me-west-1): 40 s so far, usually 95 s, attempt 9 of 120
"""

import contextlib
import dataclasses
import json
import os
import threading
import time
import typing as t
from pathlib import Path

from ansible.plugins.callback import CallbackBase


@dataclasses.dataclass
class Running:
    """A task that runs: when it began, for which hosts, and what is known of its retries."""

    name: str
    started: float
    expected: float | None = None
    hosts: list[str] = dataclasses.field(default_factory=list)
    attempt: str = ""

    def line(self, now: float) -> str:
        """Describe the task: what is awaited, the elapsed and the expected time."""
        hosts = f" ({', '.join(self.hosts)})" if self.hosts else ""
        usual = f", usually {self.expected:.0f} s" if self.expected else ""
        attempt = f", attempt {self.attempt}" if self.attempt else ""
        return f"Waiting: {self.name}{hosts}: {now - self.started:.0f} s so far{usual}{attempt}"


class Durations:
    """How long tasks took in earlier runs, by their names."""

    def __init__(self, file: str):
        self._file = Path(file)
        self._known = self._read()
        self._new: dict[str, float] = {}

    def __getitem__(self, name: str) -> float | None:
        return self._known.get(name)

    def keep(self, name: str, seconds: float) -> None:
        """Note a duration; of a task that runs several times in a run the longest counts."""
        self._new[name] = round(max(seconds, self._new.get(name, 0.0)), 1)

    def write(self) -> None:
        """Add this run's durations to the file, beside what other runs have written meanwhile."""
        if not self._new:
            return
        with contextlib.suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            new = self._file.with_name(f"{self._file.name}.{os.getpid()}")
            new.write_text(json.dumps(self._read() | self._new, indent=1, sort_keys=True) + "\n")
            new.replace(self._file)

    def _read(self) -> dict[str, float]:
        with contextlib.suppress(OSError, ValueError):
            found = json.loads(self._file.read_text())
            if isinstance(found, dict):
                return {name: float(each) for name, each in found.items() if isinstance(each, (int, float))}
        return {}


class CallbackModule(CallbackBase):
    """Prints a line from time to time while a task runs for long.

    Lines are printed by a thread of the main process; workers are forked without it. They go through Ansible's own display,
    which serves several threads already.
    """

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "knowledgecity.platform.progress"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, display: t.Any = None, options: t.Any = None):
        super().__init__(display, options)
        self._lock = threading.Lock()
        self._running: Running | None = None
        self._wake = threading.Event()
        self._durations: Durations | None = None
        self._interval = 0.0

    def v2_playbook_on_start(self, playbook: t.Any) -> None:
        self._interval = self.get_option("interval")
        self._durations = Durations(self.get_option("durations"))
        if self._interval > 0:
            threading.Thread(target=self._watch, name="progress", daemon=True).start()

    def v2_playbook_on_task_start(self, task: t.Any, is_conditional: bool) -> None:
        self._begin(task)

    def v2_playbook_on_handler_task_start(self, task: t.Any) -> None:
        self._begin(task)

    def v2_playbook_on_play_start(self, play: t.Any) -> None:
        self._end()

    def v2_playbook_on_stats(self, stats: t.Any) -> None:
        self._end()
        self._wake.set()
        if self._durations:
            self._durations.write()

    def v2_runner_on_start(self, host: t.Any, task: t.Any) -> None:
        with self._lock:
            if self._running and host.get_name() not in self._running.hosts:
                self._running.hosts.append(host.get_name())

    def v2_runner_retry(self, result: t.Any) -> None:
        outcome = result.result
        with self._lock:
            if self._running and outcome.get("retries"):
                self._running.attempt = f"{outcome.get('attempts', 1)} of {outcome['retries']}"

    def v2_runner_on_ok(self, result: t.Any) -> None:
        self._done(result)

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        self._done(result)

    def v2_runner_on_skipped(self, result: t.Any) -> None:
        self._done(result)

    def v2_runner_on_unreachable(self, result: t.Any) -> None:
        self._done(result)

    def _begin(self, task: t.Any) -> None:
        self._end()
        name = task.get_name().strip()
        expected = (self._durations[name] if self._durations else None) or _stated(task.get_vars())
        with self._lock:
            self._running = Running(name, time.monotonic(), expected)

    def _end(self) -> None:
        with self._lock:
            ended, self._running = self._running, None
        if ended and self._durations and self._interval:
            seconds = time.monotonic() - ended.started
            if seconds >= self._interval:
                self._durations.keep(ended.name, seconds)

    def _done(self, result: t.Any) -> None:
        with self._lock:
            name = result.host.get_name()
            if self._running and name in self._running.hosts:
                self._running.hosts.remove(name)

    def _watch(self) -> None:
        """Print a line whenever another interval of the running task has passed, until the run ends."""
        said: tuple[Running | None, int] = (None, 0)
        while not self._wake.wait(min(1.0, self._interval / 4)):
            with self._lock:
                running, now = self._running, time.monotonic()
                line = running.line(now) if running else ""
            passed = int((now - running.started) // self._interval) if running else 0
            if passed and (said[0] is not running or said[1] < passed):
                said = (running, passed)
                self._display.display(line)


def _stated(variables: t.Mapping[str, t.Any]) -> float | None:
    """Return the seconds that a task itself expects, from its variable C(..._expected_seconds)."""
    for name, value in variables.items():
        if name.endswith("_expected_seconds"):
            with contextlib.suppress(TypeError, ValueError):
                return float(value)
    return None
