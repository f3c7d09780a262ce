# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Job folders, which contain unencrypted video, are removed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from media_server.jobs.folders import job_folder, remove_leftovers

HOLD = """
import sys, time
from pathlib import Path
from media_server.jobs.folders import job_folder
with job_folder(Path(sys.argv[1])) as folder:
    (folder / "source").write_text("plain")
    print(folder, flush=True)
    time.sleep(60)
"""


def broken_job(parent):
    with job_folder(parent) as folder:
        (folder / "source").write_text("plain")
        assert folder.stat().st_mode & 0o077 == 0
        raise ValueError("broken")


def test_a_folder_is_removed_with_its_job(tmp_path):
    with pytest.raises(ValueError, match="broken"):
        broken_job(tmp_path / "jobs")
    assert list((tmp_path / "jobs").iterdir()) == []


def test_leftovers_of_killed_workers_are_removed_and_running_ones_kept(tmp_path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as other:
        other.stdout.readline()
        with job_folder(tmp_path) as own:
            assert remove_leftovers(tmp_path) == 0
            other.send_signal(signal.SIGKILL)
            other.wait(10)
            assert remove_leftovers(tmp_path) == 1
            assert list(tmp_path.iterdir()) == [own]
