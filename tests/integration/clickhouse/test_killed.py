# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Kill a run or the server while a backup is written: the next run completes it."""

from __future__ import annotations

import time

import pytest

from tests.support import playbooks
from tests.support.kills import kill_tree
from tests.support.module_runs import write_play

MODULE = "knowledgecity.platform.clickhouse_backup"
TIMEOUT = 120


@pytest.fixture
def begun(lab, server, database, tmp_path):
    """Start a run with a slow backup, and kill it once the engine writes."""
    name = f"killed-{tmp_path.name.lower().replace('_', '-')}"[:60].strip("-")
    options = server.login() | {"bucket": server.bucket, "name": name, "databases": [database]}
    play = write_play(tmp_path, MODULE, [options | {"max_bandwidth": 20_000}], server.region)
    process = playbooks.start(lab, playbook=str(play), inventory="localhost,", administrator=True)
    deadline = time.monotonic() + TIMEOUT
    while f"clickhouse/{name}/.lock" not in server.objects(name):
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.05)
    kill_tree(process)
    process.communicate(timeout=30)
    assert f"clickhouse/{name}/.backup" not in server.objects(name), "killed too late to show anything"
    return {"name": name, "databases": [database]}


def test_a_killed_run_is_waited_for_by_the_next_one(server, database, run_module, begun):
    done, again = run_module(begun, begun)
    assert not done.get("failed"), done
    assert [change["action"] for change in done["changes"]] == ["wait"]
    assert done["backup"]["tables"][f"{database}.events"]["rows"] == 20000
    assert not again["changed"]


def test_what_a_killed_server_left_is_cleaned_up(server, begun, run_module):
    server.kill()
    server.restart()
    done, proven = run_module(begun, {"name": begun["name"], "state": "verified", "verify": "scratch"})
    assert not done.get("failed"), done
    assert [change["action"] for change in done["changes"]] == ["delete", "create"]
    assert not proven.get("failed"), proven
    assert f"clickhouse/{begun['name']}/.lock" not in server.objects(begun["name"])


def test_two_runs_at_once_make_one_backup(lab, server, database, run_module, tmp_path):
    options = server.login() | {"bucket": server.bucket, "name": "twice", "databases": [database]}
    folders = [tmp_path / "first", tmp_path / "second"]
    processes = []
    for folder in folders:
        folder.mkdir()
        play = write_play(folder, MODULE, [options], server.region)
        processes.append(playbooks.start(lab, playbook=str(play), inventory="localhost,", administrator=True))
    outputs = [process.communicate(timeout=TIMEOUT)[0] for process in processes]
    finished = [output for output in outputs if "failed=0" in output and "ignored=0" in output]
    assert finished, outputs
    for output in outputs:
        assert output in finished or "Another run began the backup twice" in output, output
    (after,) = run_module({"name": "twice", "state": "verified", "verify": "scratch"})
    assert not after.get("failed"), after
