# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""S3's clock decides what is left behind: a control machine whose clock is wrong cleans up nothing that is being written."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.support.clickhouse import PREFIX
from tests.support.module_runs import run_steps

MODULE = "knowledgecity.platform.clickhouse_backup"
# Below the quarter of an hour from which on AWS takes no signature, above the time after which a backup counts as left behind.
SKEW, STALE_AFTER = 840, 600


@pytest.fixture
def wrong_clock(tmp_path):
    """A Python whose clock is ahead, for the module alone: Ansible's own waits don't bear it."""
    (library,) = Path("/usr/lib").glob("*/faketime/libfaketime.so.1")
    # libfaketime answers a sleep until a time of the monotonic clock with EINVAL, where it leaves that clock as it is.
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
    """An unfinished backup that another server began just now."""
    request = {"id": "somebody-elses", "host": "another-server", "selection": {}}
    for key, body in ((".request.json", json.dumps(request)), (".lock", ""), ("data/part", "bytes")):
        server.s3.put_object(Bucket=server.bucket, Key=f"{PREFIX}/elsewhere/{key}", Body=body.encode())
    return "elsewhere"


def test_a_clock_that_is_ahead_takes_no_running_backup_for_stale(
    lab, server, database, tmp_path, wrong_clock, written_elsewhere
):
    before = server.objects(written_elsewhere)
    common = server.login() | {"bucket": server.bucket, "prefix": PREFIX, "databases": [database]}
    steps = [common | {"name": written_elsewhere, "stale_after": STALE_AFTER}, common | {"name": "own"}]
    (refused, own), output = run_steps(lab, tmp_path / "ahead", MODULE, steps, *wrong_clock, region=server.region)
    assert refused["failed"], refused
    assert "another server or run seems to be writing it" in refused["msg"], refused["msg"]
    assert server.objects(written_elsewhere) == before
    assert not own.get("failed"), output[-3000:]
    made = server.s3.head_object(Bucket=server.bucket, Key=f"{PREFIX}/own/.backup")["LastModified"]
    assert own["backup"]["created"].startswith(f"{made:%Y-%m-%dT%H:%M:%S}"), "the time is S3's"
