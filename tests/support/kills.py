# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Kill a run, with everything it started, at a random moment; and what has to hold afterwards."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support import playbooks, snapshot
from tests.support.labs import Clients, running_lab


@dataclass(frozen=True)
class Killed:
    """When a run was killed, and what it was doing; one that had ended by itself was not `running`."""

    after_seconds: float
    task: str
    running: bool


@dataclass(frozen=True)
class Completed:
    """The runs that were killed one after another, and the one that then came to the end."""

    kills: tuple[Killed, ...]
    completed_in_seconds: float
    changed_tasks: int


def kill_and_complete(home: Path, after: Sequence[float], expected: dict) -> Completed:
    """Build from nothing in a lab in `home`; kill one run after another, each after so many seconds; then let one end.

    Asserts that the end state is `expected`, that of an undisturbed build, and that a further run finds nothing to change.
    """
    with running_lab(home, instances=True) as lab:
        kills = tuple(kill_after(lab, seconds) for seconds in after)
        print(f"killed: {kills}")
        completed = playbooks.run(lab).succeeded()
        difference = snapshot.difference(snapshot.digest(lab), expected)
        assert not difference, f"another end state after {kills}: {difference}"
        again = playbooks.run(lab).succeeded()
        assert not any(again.changed.values()), f"still something to change after {kills}: {again.changed}"
    return Completed(kills, round(completed.seconds, 1), sum(completed.changed.values()))


def kill_after(lab: Clients, seconds: float, **options) -> Killed:
    """Start a run, and kill it after so many seconds; see `playbooks.start` for the options."""
    process = playbooks.start(lab, **options)
    time.sleep(seconds)
    running = process.poll() is None
    kill_tree(process)
    output, _ = process.communicate(timeout=30)
    return Killed(round(seconds, 1), _last_task(output), running)


def moments(count: int, seconds: float, seed: int | None = None) -> list[float]:
    """Random moments within a run of `seconds`, one in each of `count` equal parts; prints the seed they come from."""
    seed = random.SystemRandom().randrange(2**32) if seed is None else seed
    print(f"seed of the kills: {seed}")
    draw = random.Random(seed)
    return [(part + draw.random()) * seconds / count for part in range(count)]


def kill_tree(process: subprocess.Popen) -> None:
    """SIGKILL to the run and all of its descendants, which Ansible puts into sessions of their own."""
    pids = [process.pid]
    for pid in pids:
        with contextlib.suppress(FileNotFoundError):
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                pids += [int(child) for child in children.read_text().split()]
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _last_task(output: str) -> str:
    tasks = [line for line in output.splitlines() if line.startswith("TASK [")]
    return tasks[-1].split("]")[0].removeprefix("TASK [") if tasks else "the start"
