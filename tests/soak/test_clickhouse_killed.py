# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Module and engine are killed together at random moments of a backup; the next run always comes to a sound one."""

from __future__ import annotations

import time

import pytest

from tests.support import playbooks
from tests.support.clickhouse import PREFIX, running_server
from tests.support.kills import kill_tree, moments
from tests.support.module_runs import run_steps, write_play

pytestmark = pytest.mark.soak

MODULE = "knowledgecity.platform.clickhouse_backup"
KILLS = 20


def test_every_killed_backup_converges(lab, tmp_path, evidence):
    with running_server(lab, "me-west-1") as server:
        server("CREATE DATABASE soak")
        server("CREATE TABLE soak.t (a UInt64) ENGINE = MergeTree PARTITION BY a % 20 ORDER BY tuple()")
        server("INSERT INTO soak.t SELECT rand64() FROM numbers(100000)")
        options = server.login() | {"bucket": server.bucket, "prefix": PREFIX, "databases": ["soak"]}
        slow = options | {"max_bandwidth": 200_000, "name": "measured"}
        started = time.monotonic()
        run_steps(lab, tmp_path / "measure", MODULE, [slow], region=server.region)
        whole = time.monotonic() - started
        seen: dict[str, int] = {}
        seed = 20261125
        for number, moment in enumerate(moments(KILLS, whole, seed)):
            folder, name = tmp_path / str(number), f"killed-{number}"
            folder.mkdir()
            play = write_play(folder, MODULE, [slow | {"name": name, "base": "none"}], server.region)
            process = playbooks.start(lab, playbook=str(play), inventory="localhost,", administrator=True)
            time.sleep(moment)
            kill_tree(process)
            server.kill()
            process.communicate(timeout=30)
            left = _left(server.objects(name), name)
            seen[left] = seen.get(left, 0) + 1
            server.restart()
            steps = [options | {"name": name}, options | {"name": name, "state": "verified", "verify": "scratch"}]
            answers, _output = run_steps(lab, folder / "again", MODULE, steps, region=server.region)
            assert not any(answer.get("failed") for answer in answers), (moment, answers)
            assert f"{PREFIX}/{name}/.lock" not in server.objects(name), moment
        assert len(seen) > 1, f"every kill found the same, {seen}: the moments are not spread"
    evidence(
        "clickhouse-killed",
        {"seed": seed, "undisturbed_run_seconds": round(whole, 1), "newest_object_left": seen, "converged": KILLS},
    )


def _left(objects: dict[str, int], name: str) -> str:
    """What a kill left, in a word."""
    for key in (".record.json", ".backup", ".lock", ".request.json"):
        if f"{PREFIX}/{name}/{key}" in objects:
            return key
    return "nothing"
