# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Start a slow backup without waiting, read its progress, run into the timeout, and wait for it."""

from __future__ import annotations

from tests.support.clickhouse import PREFIX
from tests.support.module_runs import run_steps


def test_a_slow_backup_can_be_watched_and_waited_for(lab, server, database, run_module, tmp_path):
    def info(folder):
        options = server.login() | {"bucket": server.bucket, "prefix": PREFIX}
        (answer,), _output = run_steps(
            lab, tmp_path / folder, "knowledgecity.platform.clickhouse_backup_info", [options], region=server.region
        )
        assert not answer.get("failed"), answer
        return answer

    slow = {"name": "slow", "databases": [database]}
    started, impatient = run_module(
        slow | {"wait": False, "max_bandwidth": 20_000}, slow | {"timeout": 1, "max_bandwidth": 20_000}
    )
    assert [change["action"] for change in started["changes"]] == ["create"]
    assert not started["backup"]["exists"]
    assert impatient["failed"]
    assert "Waited 1 s for ClickHouse to back up slow" in impatient["msg"]
    assert "It goes on; run again" in impatient["msg"]

    (running,) = info("running")["unfinished"]
    assert running["name"] == "slow"
    assert running["running"]
    assert " bytes after " in running["progress"]

    done, proven = run_module(slow, {"name": "slow", "state": "verified", "verify": "bytes"})
    assert [change["action"] for change in done["changes"]] == ["wait"], done
    assert not proven.get("failed"), proven
    done_info = info("done")
    assert done_info["unfinished"] == []
    assert done_info["orphans"] == []
    assert [backup["name"] for backup in done_info["backups"]] == ["slow"]
    assert done_info["newest_verified"]["name"] == "slow"
    assert done_info["newest_verified"]["by"] == ["bytes"]
    assert 0 <= done_info["newest_verified"]["age"] < 600
