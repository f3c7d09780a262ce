# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The callback plugin progress: what it prints while a task runs, and which durations it keeps."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from ansible_collections.knowledgecity.platform.plugins.callback.progress import Durations, Running

from lab.settings import CHECKOUT

PLAY = """
- hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - name: Wait for something
      ansible.builtin.command: sleep 2
      vars: {my_expected_seconds: 600}
"""


@pytest.fixture
def printed(tmp_path):
    """Run a play with one task of two seconds, and return what is printed."""
    (tmp_path / "play.yml").write_text(PLAY)

    def run(interval: str) -> str:
        environment = os.environ | {
            "ANSIBLE_CALLBACKS_ENABLED": "knowledgecity.platform.progress",
            "KNOWLEDGECITY_PROGRESS_INTERVAL": interval,
            "KNOWLEDGECITY_PROGRESS_DURATIONS": str(tmp_path / "kept" / "durations.json"),
        }
        ran = subprocess.run(
            ["ansible-playbook", "-i", "localhost,", str(tmp_path / "play.yml")],
            cwd=CHECKOUT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return ran.stdout

    return run


def test_a_line_says_what_is_awaited_elapsed_and_expected():
    running = Running("Wait until hosts are healthy", 100.0, 95.4, ["me-west-1", "eu-central-1"], "9 of 120")
    assert running.line(140.2) == (
        "Waiting: Wait until hosts are healthy (me-west-1, eu-central-1): 40 s so far, usually 95 s, attempt 9 of 120"
    )
    assert Running("Wait", 0.0).line(20.0) == "Waiting: Wait: 20 s so far"


def test_a_long_task_is_told_of_and_its_duration_kept(printed, tmp_path):
    first = printed("0.5")
    assert "Waiting: Wait for something (localhost): 1 s so far, usually 600 s" in first
    kept = json.loads((tmp_path / "kept" / "durations.json").read_text())
    assert kept["Wait for something"] >= 2
    assert f"so far, usually {kept['Wait for something']:.0f} s" in printed("0.5")


def test_short_tasks_are_not_told_of(printed, tmp_path):
    assert "Waiting:" not in printed("300")
    assert "Waiting:" not in printed("0")
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("content", ["", "[1]", "no JSON", '{"Wait": "long"}'])
def test_a_file_that_makes_no_sense_is_as_if_it_were_not_there(tmp_path, content):
    file = tmp_path / "durations.json"
    file.write_text(content)
    assert Durations(str(file))["Wait"] is None


def test_durations_of_a_run_are_added_to_those_of_others(tmp_path):
    file = tmp_path / "durations.json"
    here, there = Durations(str(file)), Durations(str(file))
    here.keep("Build", 30.0)
    here.keep("Build", 20.0)
    there.keep("Wait", 40.06)
    here.write()
    there.write()
    assert json.loads(file.read_text()) == {"Build": 30.0, "Wait": 40.1}


def test_a_place_that_cannot_be_written_is_left_alone():
    durations = Durations(str(Path("/proc/none/durations.json")))
    durations.keep("Wait", 40.0)
    durations.write()
