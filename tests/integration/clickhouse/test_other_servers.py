# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Meet servers that are set up otherwise: a limit on what may be dropped, one shard of several."""

from __future__ import annotations

import pytest

from tests.support.clickhouse import running_server

SCRATCH = {"state": "verified", "verify": "scratch"}
SMALL_LIMIT = "<max_table_size_to_drop>1000</max_table_size_to_drop>"
# By its port a server knows itself in the cluster.
SHARDS = """<tcp_port>9000</tcp_port><remote_servers><sharded>
<shard><replica><host>localhost</host><port>9000</port></replica></shard>
<shard><replica><host>elsewhere.example.com</host><port>9000</port></replica></shard>
</sharded></remote_servers>"""


@pytest.fixture(scope="module")
def server(lab):
    with running_server(lab, "me-west-1", extra=SMALL_LIMIT) as running:
        yield running


@pytest.fixture
def database(server):
    server("CREATE DATABASE limited")
    server("CREATE TABLE limited.t (a UInt64) ENGINE = MergeTree ORDER BY a")
    server("INSERT INTO limited.t SELECT rand64() FROM numbers(10000)")
    yield "limited"
    server("DROP DATABASE limited SYNC", max_table_size_to_drop="0")


def test_a_proof_drops_what_it_made_and_what_a_killed_one_left(server, database, run_module):
    """ClickHouse#44715: a table above the limit, 50 GB by default, isn't dropped."""
    with pytest.raises(AssertionError, match=r"Code: 359"):
        server("DROP TABLE limited.t SYNC")
    for name in ("restore_test_of_limited", "restore_test_of_another"):
        server(f"CREATE DATABASE {name}")
        server(f"CREATE TABLE {name}.t0 (a UInt64) ENGINE = MergeTree ORDER BY a")
        server(f"INSERT INTO {name}.t0 SELECT rand64() FROM numbers(10000)")
    made, proven = run_module({"name": "limited", "databases": [database]}, SCRATCH | {"name": "limited"})
    assert not made.get("failed"), made
    assert not proven.get("failed"), proven
    left = server("SELECT name FROM system.databases WHERE startsWith(name, 'restore_test')")
    assert left == "restore_test_of_another", "another proof may be going on"
    server("DROP DATABASE restore_test_of_another SYNC", max_table_size_to_drop="0")


def test_one_shard_of_several_is_refused_before_anything_is_written(lab, run_module):
    with running_server(lab, "eu-central-1", extra=SHARDS) as shard:
        shard("CREATE DATABASE sharded")
        shard("CREATE TABLE sharded.t (a UInt64) ENGINE = MergeTree ORDER BY a")
        (refused,) = run_module({"name": "part", "databases": ["sharded"]}, on=shard)
        assert refused["failed"]
        assert "The cluster sharded of this ClickHouse server has 2 shards" in refused["msg"], refused["msg"]
        assert shard.objects() == {}
