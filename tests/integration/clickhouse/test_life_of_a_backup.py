# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Create, verify, restore and remove a backup: each in check mode, applied, and without changes after that."""

from __future__ import annotations

from xml.etree import ElementTree

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.record import hash_of


def check_then_run(options):
    return [options | {"check_mode": True}, options, options | {"check_mode": True}, options]


def assert_four_steps(answers, *actions):
    announced, applied, rechecked, reapplied = answers
    assert all(not answer.get("failed") for answer in answers), [answer.get("msg") for answer in answers]
    assert [change["action"] for change in announced["changes"]] == list(actions)
    assert applied["changes"] == announced["changes"]
    assert applied["diff"] == announced["diff"]
    assert not rechecked["changed"]
    assert not reapplied["changed"]


def test_present_verified_restored_and_absent(server, database, run_module, content):
    present = {"name": "life", "databases": [database]}
    assert not server.objects("life")
    answers = run_module(*check_then_run(present))
    assert_four_steps(answers, "create")
    backup = answers[1]["backup"]
    described = ElementTree.fromstring(
        server.s3.get_object(Bucket=server.bucket, Key="clickhouse/life/.backup")["Body"].read()
    )
    assert backup["uuid"] == described.findtext("uuid")
    assert backup["files"] == len(described.findall("contents/file"))
    assert backup["bytes"] == sum(int(size.text) for size in described.findall("contents/file/size"))
    assert backup["chain"] == ["life"]
    assert backup["tables"].keys() == {f"{database}.{name}" for name in ("events", "small", "plain")}
    for table, recorded in backup["tables"].items():
        assert recorded["rows"] == int(server(f"SELECT count() FROM {table}"))
    parts = server(
        f"SELECT rows, hash_of_all_files FROM system.parts WHERE active AND table = 'events' AND database = '{database}'"
    )
    parts = [(int(rows), hash_) for rows, hash_ in (line.split("\t") for line in parts.splitlines())]
    assert len(parts) == 3
    assert backup["tables"][f"{database}.events"]["hash"] == hash_of(parts)

    for method in ("list", "bytes", "scratch"):
        answers = run_module(
            *check_then_run({"name": "life", "state": "verified", "verify": method, "verified_within": 600})
        )
        assert_four_steps(answers, "verify")
        assert method in answers[1]["backup"]["verified_by"]
    assert "restore_test" not in server("SHOW DATABASES")

    restored = {"name": "life", "state": "restored", "restore": {"databases": {database: f"{database}_again"}}}
    answers = run_module(*check_then_run(restored))
    assert_four_steps(answers, "restore")
    for table in ("events", "small", "plain"):
        assert content(f"{database}_again.{table}") == content(f"{database}.{table}")
    assert server(f"SELECT sum(events) FROM {database}_again.per_day") == "20000"
    server(f"DROP DATABASE {database}_again SYNC")

    answers = run_module(*check_then_run({"name": "life", "state": "absent"}))
    assert_four_steps(answers, "delete")
    assert not server.objects("life")


def test_a_recreated_table_is_not_taken_for_the_one_in_the_base(server, database, run_module):
    (base,) = run_module({"name": "before", "databases": [database]})
    assert base["backup"]["tables"][f"{database}.small"]["rows"] == 3
    server(f"DROP TABLE {database}.small SYNC")
    server(f"CREATE TABLE {database}.small (a Int32) ENGINE = MergeTree ORDER BY a")
    server(f"INSERT INTO {database}.small VALUES (5)")  # its only part has the name of the former one's
    after, proven = run_module(
        {"name": "after", "databases": [database]}, {"name": "after", "state": "verified", "verify": "scratch"}
    )
    assert after["backup"]["chain"] == ["after", "before"], after
    assert after["backup"]["tables"][f"{database}.small"]["rows"] == 1
    assert after["backup"]["tables"][f"{database}.events"] == base["backup"]["tables"][f"{database}.events"]
    assert not proven.get("failed"), proven
