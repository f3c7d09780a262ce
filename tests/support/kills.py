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
from dataclasses import dataclass
from pathlib import Path

from tests.support import playbooks, snapshot
from tests.support.labs import running_lab


@dataclass(frozen=True)
class Killed:
    """When a run was killed, what it was doing, and how long the run took that mended it."""

    after_seconds: float
    task: str
    mended_in_seconds: float
    changes_left: int


def kill_and_mend(home: Path, moment: float, expected: dict, *, once_more: bool = False) -> Killed:
    """Build from nothing in a lab in `home`, kill the run after `moment` seconds, run again, and compare with `expected`.

    `once_more` also asserts that a third run finds nothing to change.
    """
    with running_lab(home) as lab:
        process = playbooks.start(lab)
        time.sleep(moment)
        kill_tree(process)
        output, _ = process.communicate(timeout=30)
        mended = playbooks.run(lab).succeeded()
        assert snapshot.digest(lab) == expected, (
            f"killed after {moment:.1f} s in {_last_task(output)}: another end state"
        )
        if once_more:
            again = playbooks.run(lab).succeeded()
            assert not any(again.changed.values()), (
                f"killed after {moment:.1f} s in {_last_task(output)}: {again.changed}"
            )
    return Killed(round(moment, 1), _last_task(output), round(mended.seconds, 1), sum(mended.changed.values()))


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
