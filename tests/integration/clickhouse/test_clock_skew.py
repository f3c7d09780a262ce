# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Use S3's clock to find abandoned backups: a control machine with a wrong clock removes nothing that is being written."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.support.clickhouse import PREFIX
from tests.support.module_runs import run_steps

MODULE = "knowledgecity.platform.clickhouse_backup"
# Below the 15 minutes above which AWS refuses signatures, and above the time after which a backup counts as abandoned.
SKEW, STALE_AFTER = 840, 600


@pytest.fixture
def wrong_clock(tmp_path):
    """Make a Python whose clock is ahead, for the module alone: Ansible's own waits fail with it."""
    (library,) = Path("/usr/lib").glob("*/faketime/libfaketime.so.1")
    # libfaketime makes a sleep until a time of the monotonic clock fail with EINVAL, if it doesn't fake that clock.
    (startup := tmp_path / "startup").mkdir()
    (startup / "sitecustomize.py").write_text(
        "import select, time\ntime.sleep = lambda seconds: select.select([], [], [], seconds)\n"
    )
    wrapper = tmp_path / "python"
    wrapper.write_text(
        f"#!/bin/sh\nLD_PRELOAD={library} FAKETIME=+{SKEW}s FAKETIME_DONT_FAKE_MONOTONIC=1 PYTHONPATH={startup} "
        f'exec {sys.executable} "$@"\n'
    )
    wrapper.chmod(0o700)
    return ("-e", f"ansible_python_interpreter={wrapper}")


@pytest.fixture
def written_elsewhere(server):
    """Write an unfinished backup that another server has just begun."""
    request = {"id": "somebody-elses", "host": "another-server", "selection": {}}
    for key, body in ((".request.json", json.dumps(request)), (".lock", ""), ("data/part", "bytes")):
        server.s3.put_object(Bucket=server.bucket, Key=f"{PREFIX}/elsewhere/{key}", Body=body.encode())
    return "elsewhere"


def test_a_clock_that_is_ahead_takes_no_running_backup_for_stale(
    lab, server, database, tmp_path, wrong_clock, written_elsewhere
):
    before = server.objects(written_elsewhere)
    common = server.login() | {"bucket": server.bucket, "prefix": PREFIX, "databases": [database]}
    steps = [common | {"name": written_elsewhere, "stale_after": STALE_AFTER}, common | {"name": "mine"}]
    (refused, mine), output = run_steps(lab, tmp_path / "ahead", MODULE, steps, *wrong_clock, region=server.region)
    assert refused["failed"], refused
    assert "another server or run seems to be writing it" in refused["msg"], refused["msg"]
    assert server.objects(written_elsewhere) == before
    assert not mine.get("failed"), output[-3000:]
    made = server.s3.head_object(Bucket=server.bucket, Key=f"{PREFIX}/mine/.backup")["LastModified"]
    assert mine["backup"]["created"].startswith(f"{made:%Y-%m-%dT%H:%M:%S}"), "the time is S3's"
