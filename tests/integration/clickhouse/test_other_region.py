# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Copy a chain of three to the other region, delete the original, restore the copy there, and prune it."""

from __future__ import annotations


def _delete_bucket(server):
    keys = [{"Key": key} for key in server.objects()]
    server.s3.delete_objects(Bucket=server.bucket, Delete={"Objects": keys})
    server.s3.delete_bucket(Bucket=server.bucket)


def test_a_chain_is_restored_with_its_origin_gone(server, other_server, database, run_module, content):
    other = other_server
    backup = {"databases": [database], "max_chain": 3}
    for name in ("one", "two", "three"):
        (made,) = run_module(backup | {"name": name})
        assert not made.get("failed"), made
        held = {table: content(table) for table in made["backup"]["tables"]}
        server(f"INSERT INTO {database}.small VALUES (10), (11)")
    assert made["backup"]["chain"] == ["three", "two", "one"]
    assert made["backup"]["stored_bytes"] < made["backup"]["bytes"] / 5
    copied = {
        "name": "three",
        "state": "copied",
        "copy_to": {"region": "eu-central-1", "bucket": other.bucket},
    }
    (four,) = run_module(backup | {"name": "four"})
    assert four["backup"]["chain"] == ["four"], "a chain of three is full"
    held_by_four = {table: content(table) for table in four["backup"]["tables"]}
    assert held.keys() == held_by_four.keys() == {f"{database}.{name}" for name in ("events", "small", "plain")}
    announced, applied, again = run_module(copied | {"check_mode": True}, copied, copied)
    assert [change["resource"].split()[1] for change in announced["changes"]] == ["one", "two", "three"]
    assert applied["changes"] == announced["changes"]
    assert not again["changed"]

    (alone,) = run_module(copied | {"name": "four"})
    assert [change["resource"].split()[1] for change in alone["changes"]] == ["four"], "a full backup has no bases"

    _delete_bucket(server)
    (restored,) = run_module({"name": "three", "state": "restored"}, on=other)
    assert not restored.get("failed"), restored
    for table, wanted in held.items():
        assert content(table, on=other) == wanted
    into = f"{database}_of_four"
    (of_four,) = run_module({"name": "four", "state": "restored", "restore": {"databases": {database: into}}}, on=other)
    assert not of_four.get("failed"), of_four
    for table, wanted in held_by_four.items():
        assert content(table.replace(database, into, 1), on=other) == wanted
    (removed,) = run_module({"name": "four", "state": "absent"}, on=other)
    assert removed["changed"]

    keep_one = {"state": "pruned", "retention": {"keep_last": 1}, "name": None}
    fresh, kept, needed, gone, left = run_module(
        {"name": "fresh", "databases": [database], "base": "none"},
        keep_one | {"retention": {"keep_last": 2}},
        {"name": "one", "state": "absent"},
        keep_one,
        keep_one,
        on=other,
    )
    assert not fresh.get("failed"), fresh
    assert not kept["changed"], "the three are one chain, of which the newest is kept"
    assert "is the base of three, two" in needed["msg"]
    assert [change["resource"] for change in gone["changes"]] == ["backup three", "backup two", "backup one"]
    assert not left["changed"]
    assert {key.split("/")[1] for key in other.objects()} == {"fresh"}
