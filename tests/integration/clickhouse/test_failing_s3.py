# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Let S3 fail, be full or refuse: requests are repeated or the failure is reported, and nothing partial counts as a backup."""

from __future__ import annotations

import pytest

from tests.support.clickhouse import running_server
from tests.support.faulty_s3 import faulty_s3


@pytest.fixture(scope="module")
def faulty(lab):
    with faulty_s3(lab, "me-west-1") as (url, faults):
        yield url, faults


@pytest.fixture(scope="module")
def server(lab, faulty):
    with running_server(lab, "me-west-1", faulty_s3=faulty[0]) as running:
        yield running


def test_a_tenth_of_the_requests_may_fail(server, faulty, database, run_module):
    _url, faults = faulty
    faults.share = 0.1
    made, proven = run_module(
        {"name": "flaky", "databases": [database], "collection": "faulty"},
        {"name": "flaky", "state": "verified", "verify": "scratch", "collection": "faulty"},
    )
    faults.share = 0.0
    assert not made.get("failed"), made
    assert not proven.get("failed"), proven
    assert faults.failed > 3, "no request failed: this shows nothing"


def test_a_full_bucket_and_refused_keys_are_named_and_leave_no_backup(server, faulty, database, run_module):
    _url, faults = faulty
    faults.writes_left = 5
    full, wrong, read_only, expired = run_module(
        {"name": "full", "databases": [database], "collection": "faulty"},
        {"name": "wrong", "databases": [database], "collection": "wrong_key"},
        {"name": "reader", "databases": [database], "collection": "read_only"},
        {"name": "expired", "databases": [database], "collection": "expired"},
    )
    faults.writes_left = None
    for answer in (full, wrong, read_only, expired):
        assert answer["failed"], answer
        assert "Code: 499" in answer["msg"], answer["msg"]
        assert "check the key of O(collection)" in answer["msg"]
    assert "expired" in expired["msg"], expired["msg"]
    for name in ("full", "wrong", "reader", "expired"):
        assert f"clickhouse/{name}/.backup" not in server.objects(name)
    again = run_module(*({"name": name, "databases": [database], "base": "none"} for name in ("full", "wrong")))
    for answer in again:
        assert not answer.get("failed"), answer
        assert answer["changed"]


def test_partitions_exclusions_and_single_tables(server, database, run_module, content):
    chosen, most = run_module(
        {"name": "chosen", "tables": [f"{database}.events"], "partitions": {f"{database}.events": ["202602"]}},
        {"name": "most", "databases": [database], "exclude_tables": [f"{database}.small", f"{database}.plain"]},
    )
    assert not chosen.get("failed"), chosen
    assert not most.get("failed"), most
    in_february = server(f"SELECT count() FROM {database}.events WHERE toYYYYMM(day) = 202602")
    assert chosen["backup"]["tables"][f"{database}.events"]["rows"] == int(in_february)
    assert most["backup"]["tables"].keys() == {f"{database}.events"}
    into = f"{database}_part"
    part, structure = run_module(
        {"name": "chosen", "state": "restored", "restore": {"databases": {database: into}}},
        {
            "name": "most",
            "state": "restored",
            "restore": {
                "databases": {database: f"{database}_empty"},
                "tables": [f"{database}.events"],
                "structure_only": True,
            },
        },
    )
    assert not part.get("failed"), part
    assert not structure.get("failed"), structure
    assert server(f"SELECT count() FROM {into}.events") == in_february
    assert server(f"SELECT count() FROM {database}_empty.events") == "0"
    for name in (into, f"{database}_empty"):
        server(f"DROP DATABASE {name} SYNC")
