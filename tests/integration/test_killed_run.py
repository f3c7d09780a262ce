# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A run of the tests that was killed leaves nothing that the next one doesn't remove."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lab.runtime.vpc import names
from lab.settings import CHECKOUT
from tests.support.suites import leftovers

# A run with a lab, a container of it, a network namespace of it, and a process that another one started.
_RUN = """
import subprocess, sys
from pathlib import Path
from lab.runtime.vpc import names
from tests.support.labs import running_lab
from tests.support.suites import leftovers

runs, home = Path(sys.argv[1]), Path(sys.argv[2])
leftovers.begin(runs)
with running_lab(home) as lab:
    label = f"{names.LABEL}={home}"
    image = subprocess.run(["docker", "images", "--quiet"], capture_output=True, text=True, check=True).stdout.split()
    if image:
        subprocess.run(["docker", "create", "--label", label, "--name", sys.argv[3], image[0], "true"], check=True)
    subprocess.run(["ip", "netns", "add", names.namespace(home, "vpc-1")], check=True)
    subprocess.Popen(["sleep", "1000"], env=lab.environment())
    print("ready", flush=True)
    subprocess.run(["sleep", "1000"])
"""


def _of(*marks: Path) -> list[str]:
    """The command lines of the processes that name one of the paths."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            told = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
        except OSError:
            continue
        if any(str(mark).encode() in told for mark in marks) and folder.name != str(os.getpid()):
            found.append((folder / "cmdline").read_bytes().decode())
    return found


@pytest.mark.parametrize("without_files", [False, True], ids=["", "whose files are gone"])
def test_the_next_run_removes_what_a_killed_one_left(tmp_path, without_files):
    runs, home = tmp_path / "runs", tmp_path / "lab"
    container = f"killed-run-{names.lab_hash(home)[:12]}"
    command = [sys.executable, "-c", _RUN, str(runs), str(home), container]
    with subprocess.Popen(
        command, cwd=CHECKOUT, env=os.environ | {"PYTHONPATH": str(CHECKOUT)}, stdout=subprocess.PIPE, text=True
    ) as process:
        while (line := process.stdout.readline()) != "ready\n":
            assert line, "it ended before it was ready"
        assert leftovers.remove(runs) == [], "the run lives"
        process.send_signal(signal.SIGKILL)
    assert len(_of(home, runs)) > 4, "nothing was left that could be removed"
    if without_files:
        # As pytest removes the folders of the runs before the last three.
        for file in (home / "run").glob("*.pid"):
            file.unlink()
    began = time.monotonic()
    removed = leftovers.remove(runs)
    assert time.monotonic() - began < 60
    assert removed
    assert not _of(home, runs)
    assert not home.exists()
    assert not list(runs.iterdir())
    spaces = json.loads(
        subprocess.run(["ip", "-json", "netns", "list"], capture_output=True, check=True).stdout or "[]"
    )
    assert not [item for item in spaces if names.lab_hash(home)[:8] in item["name"]]
    left = subprocess.run(
        ["docker", "ps", "--all", "--format", "{{.Names}}"], capture_output=True, text=True, check=True
    )
    assert container not in left.stdout.split()
    assert leftovers.remove(runs) == []
