# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Prove backups of tables that other ways of comparing call broken, or sound, in error."""

from __future__ import annotations

import pytest

SCRATCH = {"state": "verified", "verify": "scratch"}


@pytest.fixture
def odd(server):
    """Create a database of tables on which a comparison of rows fails, and yield its name."""
    for statement in (
        "DROP DATABASE IF EXISTS odd SYNC",
        "CREATE DATABASE odd",
        # ClickHouse#48365: cityHash64(1, NULL) is NULL. One part has nothing else.
        "CREATE TABLE odd.nulls (a UInt64, b Nullable(String)) ENGINE = MergeTree ORDER BY a",
        "INSERT INTO odd.nulls SELECT number, NULL FROM numbers(100)",
        "INSERT INTO odd.nulls SELECT number, if(number % 2, NULL, 'x') FROM numbers(100)",
        "CREATE TABLE odd.only_nulls (b Nullable(String)) ENGINE = MergeTree ORDER BY tuple()",
        "INSERT INTO odd.only_nulls VALUES (NULL)",
        "CREATE TABLE odd.log_nulls (b Nullable(String)) ENGINE = Log",
        "INSERT INTO odd.log_nulls VALUES (NULL), (NULL), ('x')",
        # Altinity#722: rows of a key are put together by the next merge.
        "CREATE TABLE odd.replacing (k UInt8, v UInt64) ENGINE = ReplacingMergeTree ORDER BY k",
        *(f"INSERT INTO odd.replacing SELECT number % 3, {number} FROM numbers(50)" for number in range(8)),
        "CREATE TABLE odd.expired (day Date, a UInt8) ENGINE = MergeTree ORDER BY a TTL day + INTERVAL 1 DAY "
        "SETTINGS merge_with_ttl_timeout = 1",
        "SYSTEM STOP TTL MERGES odd.expired",
        "INSERT INTO odd.expired VALUES ('2020-01-01', 1)",
        "CREATE TABLE odd.grown (a UInt64) ENGINE = MergeTree ORDER BY a",
        "INSERT INTO odd.grown SELECT number FROM numbers(100)",
        "CREATE TABLE odd.memory (a UInt8) ENGINE = Memory",
        "INSERT INTO odd.memory VALUES (1)",
        "CREATE TABLE odd.projected (d Date, k UInt8, t String CODEC(ZSTD(3)) TTL d + INTERVAL 1 DAY, u UInt8 ALIAS k + 1, "
        "e Enum8('a)' = 1, 'b, '' TTL' = 2), INDEX i k TYPE minmax, PROJECTION p (SELECT k, count() GROUP BY k), "
        "CONSTRAINT c CHECK k < 200) ENGINE = ReplacingMergeTree PARTITION BY toYYYYMM(d) PRIMARY KEY k ORDER BY (k, d) "
        "SETTINGS deduplicate_merge_projection_mode = 'rebuild' COMMENT 'ORDER BY nothing'",
        "INSERT INTO odd.projected (d, k, t, e) SELECT today() - number, number, 'x', 'a)' FROM numbers(100)",
        "CREATE TABLE odd.`a.b c` (`x y` UInt8, `n.a` Array(Nullable(UInt8)), j JSON, l LowCardinality(Nullable(String))) "
        "ENGINE = AggregatingMergeTree ORDER BY (`x y`, l) SETTINGS allow_nullable_key = 1",
        """INSERT INTO odd.`a.b c` VALUES (1, [1, NULL], '{"a": 1}', NULL)""",
        "CREATE TABLE odd.states (s AggregateFunction(uniq, String)) ENGINE = AggregatingMergeTree ORDER BY tuple()",
        "INSERT INTO odd.states SELECT uniqState('a')",
    ):
        server(statement)
    yield "odd"
    server("DROP DATABASE odd SYNC")


def test_no_table_is_called_broken_that_is_not(server, odd, run_module):
    (full,) = run_module({"name": "odd-full", "databases": [odd]})
    assert not full.get("failed"), full
    server("ALTER TABLE odd.grown ADD COLUMN b UInt64 DEFAULT 7")  # ClickHouse#67457
    server("INSERT INTO odd.grown VALUES (1000, 8)")
    for name in ("replacing", "nulls"):
        server(f"OPTIMIZE TABLE odd.{name} FINAL")
    later, proven, beside, again = run_module(
        {"name": "odd-later", "databases": [odd]},
        SCRATCH | {"name": "odd-later"},
        {"name": "odd-full", "state": "restored", "restore": {"databases": {odd: "odd_beside"}}},
        {"name": "odd-full", "state": "restored", "restore": {"databases": {odd: "odd_beside"}}},
    )
    assert later["backup"]["chain"] == ["odd-later", "odd-full"], later
    assert len(later["backup"]["tables"]) == 10
    assert later["backup"]["tables"]["odd.grown"]["rows"] == 101
    assert not proven.get("failed"), proven
    assert (proven["backup"]["verdict"], proven["backup"]["uncompared"]) == ("proven", [])
    assert not beside.get("failed"), beside
    assert not again["changed"], "what was restored is known, although its rows were merged since"
    server("DROP DATABASE odd_beside SYNC")


def test_a_lightweight_update_that_the_backup_leaves_out_is_not_proven(server, run_module):
    """ClickHouse#116677: BACKUP leaves out the parts of lightweight updates, so a restore brings old values back."""
    server("CREATE DATABASE patched")
    server(
        "CREATE TABLE patched.t (a UInt64, v UInt64) ENGINE = MergeTree ORDER BY a "
        "SETTINGS enable_block_number_column = 1, enable_block_offset_column = 1"
    )
    server("CREATE TABLE patched.other (a UInt64) ENGINE = MergeTree ORDER BY a")
    server("INSERT INTO patched.t SELECT number, 0 FROM numbers(100)")
    (full,) = run_module({"name": "patched-full", "databases": ["patched"]})
    assert full["backup"]["uncompared"] == [], full
    server("UPDATE patched.t SET v = 7 WHERE a < 10", allow_experimental_lightweight_update="1")
    made, proven = run_module({"name": "patched", "databases": ["patched"]}, SCRATCH | {"name": "patched"})
    assert not proven.get("failed"), proven
    for answer in (made, proven):
        (uncompared,) = answer["backup"]["uncompared"]
        assert uncompared["table"] == "patched.t"
        assert "lightweight updates" in uncompared["reason"]
        assert any("patched.t can't be proven" in warning for warning in answer["warnings"]), answer["warnings"]
    server("DROP DATABASE patched SYNC")


def test_what_hinders_a_verification_is_no_fault_of_the_backup_and_erases_no_proof(server, database, run_module):
    _made, proven, hindered, after = run_module(
        {"name": "hindered", "databases": [database]},
        SCRATCH | {"name": "hindered"},
        SCRATCH | {"name": "hindered", "collection": "wrong_key"},
        {"name": "hindered", "state": "verified", "verify": "list"},
    )
    assert proven["backup"]["verdict"] == "proven", proven
    assert hindered["failed"]
    assert hindered["verdict"] == "unverified", hindered
    assert "could not be verified by scratch" in hindered["msg"]
    assert "It may be sound" in hindered["msg"]
    assert after["backup"]["verdict"] == "proven"
    assert "scratch" in after["backup"]["verified_by"]


def test_what_others_put_into_the_bucket_is_never_touched(server, database, run_module):
    server(f"BACKUP DATABASE {database} TO S3(backups, 'manual')")
    server.s3.put_object(Bucket=server.bucket, Key="clickhouse/folder/file", Body=b"theirs")
    before = {key: size for key, size in server.objects().items() if "/manual/" in key or "/folder/" in key}
    answers = run_module(
        *({"name": name, "state": "absent"} for name in ("manual", "folder")),
        *({"name": name, "databases": [database], "stale_after": 0} for name in ("manual", "folder")),
    )
    for answer in answers:
        assert answer["failed"], answer
        assert "was not made by this module" in answer["msg"]
    (listed,) = run_module({"name": "manual", "state": "verified", "verify": "bytes"})
    assert not listed.get("failed"), listed
    assert {key: size for key, size in server.objects().items() if "/manual/" in key or "/folder/" in key} == before


def test_a_backup_that_is_being_written_is_waited_for_and_built_on(server, database, run_module):
    started, later = run_module(
        {"name": "outlasting", "databases": [database], "wait": False, "max_bandwidth": 60_000},
        {"name": "outlasting-later", "databases": [database]},
    )
    assert not started["backup"]["exists"], "it was too fast to show anything"
    assert [change["action"] for change in later["changes"]] == ["wait", "create"], later
    assert later["backup"]["chain"] == ["outlasting-later", "outlasting"]
    assert later["backup"]["stored_bytes"] < later["backup"]["bytes"] / 5
    (first,) = run_module(SCRATCH | {"name": "outlasting"})
    assert first["backup"]["verdict"] == "proven", first


def test_files_of_growing_tables_that_the_engine_mixes_up_are_named(server, run_module):
    """ClickHouse#112403: of two files with the same bytes the incremental backup stores the end of one, and restores both by it."""
    server("CREATE DATABASE growing")
    for table, inserts in (("one", 1), ("two", 2)):
        server(f"CREATE TABLE growing.{table} (a UInt64) ENGINE = TinyLog")
        for number in range(inserts):
            server(f"INSERT INTO growing.{table} VALUES ({number})")
    (full,) = run_module({"name": "growing", "databases": ["growing"]})
    assert not full.get("failed"), full
    for table, inserts in (("one", (1, 2)), ("two", (2,))):
        for number in inserts:
            server(f"INSERT INTO growing.{table} VALUES ({number})")
    mixed, by_list, by_bytes, later = run_module(
        {"name": "growing-mixed", "databases": ["growing"]},
        {"name": "growing-mixed", "state": "verified", "verify": "list"},
        {"name": "growing-mixed", "state": "verified", "verify": "bytes"},
        {"name": "growing-later", "databases": ["growing"]},
    )
    for answer in (mixed, by_list, by_bytes):
        assert answer["failed"], answer
        assert "share data/growing/" in answer["msg"], answer["msg"]
    assert not later.get("failed"), later
    assert later["backup"]["chain"] == ["growing-later"], "on the same base the next one would be mixed up too"
    server("DROP DATABASE growing SYNC")
