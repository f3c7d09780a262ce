# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Remove what a run of the tests left behind that was killed: its processes, and the labs it had started.

A run keeps a folder below .build/test-runs, named by its process, and names it to all processes that it starts (`RUN`). Labs are
noted in it before they start. The next run removes what belongs to runs that are dead, also where the lab's own folder is gone.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from lab.runtime.vpc import names
from lab.settings import CHECKOUT, LabSettings

RUN = "PLATFORM_TEST_RUN"
RUNS = CHECKOUT / ".build" / "test-runs"


def begin(runs: Path = RUNS) -> Path:
    """Make the folder of this process's run, and name it to those that it starts."""
    folder = runs / f"{os.getpid()}-{_start_time(os.getpid())}"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ[RUN] = str(folder)
    return folder


def end(folder: Path) -> None:
    """Forget a run that has ended; one that was interrupted and left labs is for the next run to clear."""
    if not list(folder.glob("*.json")):
        shutil.rmtree(folder, ignore_errors=True)
    os.environ.pop(RUN, None)


def shared() -> Path:
    """Return the run's folder, which its workers share."""
    return Path(os.environ[RUN])


@contextlib.contextmanager
def noted(home: Path, regions: Iterable[str]) -> Iterator[None]:
    """Note a lab for as long as it stands; nothing outside a run."""
    if not (run := os.environ.get(RUN)):
        yield
        return
    file = Path(run) / f"{names.lab_hash(home)[:16]}.json"
    file.write_text(json.dumps({"home": str(home), "regions": list(regions)}))
    yield
    file.unlink(missing_ok=True)


def remove(runs: Path = RUNS) -> list[str]:
    """Remove what dead runs left; returns what that was."""
    removed = []
    for folder in sorted(runs.iterdir()) if runs.is_dir() else []:
        if _lives(folder.name):
            continue
        # First who could start something again.
        removed += _end_processes(str(folder))
        for file in folder.glob("*.json"):
            noted = json.loads(file.read_text())
            removed += _remove_lab(Path(noted["home"]), tuple(noted["regions"]))
        shutil.rmtree(folder, ignore_errors=True)
    return removed


def _remove_lab(home: Path, regions: tuple[str, ...]) -> list[str]:
    from lab.stack import Stack  # only where a run was killed: it takes a second to import

    removed: list[str] = []
    with contextlib.suppress(Exception):  # what it could not remove is looked for below
        Stack(LabSettings(home=home, regions=regions)).down(purge=True, say=removed.append)
    removed += _end_processes(str(home))
    listed = _lines("docker", "ps", "--all", "--format", "{{.ID}} {{.Labels}}")
    for line in listed:
        container, _, labels = line.partition(" ")
        if not any(label.endswith(f"={home}") for label in labels.split(",")):
            continue
        _lines("docker", "rm", "--force", "--volumes", container)
        removed.append(f"container {container}")
    for space in _lines("ip", "netns", "list"):
        name = space.split()[0]
        if name.startswith(("kc-", "kcb-")) and names.lab_hash(home)[:8] in name:
            _lines("ip", "netns", "delete", name)
            removed.append(f"namespace {name}")
    shutil.rmtree(home, ignore_errors=True)
    return removed


def _end_processes(mark: str) -> list[str]:
    """Kill all processes that have a path in their command line or environment; returns them."""
    ended = []
    for pid in _pids():
        with contextlib.suppress(OSError):
            told = Path(f"/proc/{pid}/cmdline").read_bytes() + b"\0" + Path(f"/proc/{pid}/environ").read_bytes()
            if pid != os.getpid() and any(_names(part, mark.encode()) for part in told.split(b"\0")):
                os.kill(pid, signal.SIGKILL)
                ended.append(f"process {pid}")
    deadline = time.monotonic() + 10
    while any(_start_time(int(item.split()[1])) for item in ended) and time.monotonic() < deadline:
        time.sleep(0.05)
    return ended


def _names(part: bytes, mark: bytes) -> bool:
    """Whether a word names this path or one below it: /tmp/lab1 is none of /tmp/lab."""
    _, found, rest = part.partition(mark)
    return bool(found) and (not rest or rest[:1] in b"/ :,\"'")


def _pids() -> Iterator[int]:
    return (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())


def _lives(run: str) -> bool:
    pid, _, started = run.partition("-")
    return pid.isdigit() and _start_time(int(pid)) == started


def _start_time(pid: int) -> str | None:
    """Field 22 of /proc/PID/stat, since pids are used again; None for a process that is gone or a zombie (proc(5))."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else fields[19]


def _lines(*command: str) -> list[str]:
    """What a program prints; nothing where it fails or is not there."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    except OSError:
        return []
