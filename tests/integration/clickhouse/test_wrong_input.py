# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Refuse wrong input before the first write, and say what, where, and what to do."""

from __future__ import annotations


def test_every_refusal_is_clear_and_writes_nothing(server, other_server, database, run_module):
    good = {"name": "good", "databases": [database]}
    (made,) = run_module(good)
    assert not made.get("failed"), made
    before = server.objects()
    pruned = {"state": "pruned", "name": None}
    cases = [
        ({"name": "b", "databases": ["nowhere"]}, "no database nowhere"),
        ({"name": "b", "tables": [f"{database}.nothing"]}, f"no table {database}.nothing"),
        ({"name": "good", "tables": [f"{database}.small"]}, "exists, and is one of other tables"),
        ({"name": "b", "databases": [database], "base": "good", "max_chain": 1}, "would be a chain of 2 backups"),
        ({"name": "b", "databases": [database], "base": "missing"}, "there is no backup missing"),
        ({"name": "b", "databases": [database], "collection": "typo"}, "no named collection typo"),
        ({"name": "a/b", "databases": [database]}, "O(name) is 'a/b'"),
        (pruned | {"retention": {"keep_last": 0}}, "would leave no backup"),
        (pruned | {"retention": {}}, "keeps nothing"),
        ({"name": "good", "state": "restored", "restore": {"databases": {"x": "y"}}}, "holds nothing of x"),
        (good | {"bucket": other_server.bucket}, f"is in {other_server.region}, not in {server.region}"),
        (good | {"login_password": "wrong", "name": "b"}, "check O(login_user) and O(login_password)"),
        (good | {"login_port": 9, "name": "b"}, "does not answer"),
        ({"name": "nothing", "state": "verified"}, "nothing does not exist"),
    ]
    answers = run_module(*(options for options, _said in cases))
    for answer, (options, said) in zip(answers, cases, strict=True):
        assert answer["failed"], options
        assert said in answer["msg"], answer["msg"]
    assert server.objects() == before

    server(f"INSERT INTO {database}.small VALUES (99)")
    onto, appended = run_module(
        {"name": "good", "state": "restored"},
        {"name": "good", "state": "restored", "restore": {"on_existing": "append", "tables": [f"{database}.small"]}},
    )
    assert f"onto data: {database}.small (4 rows)" in onto["msg"]
    assert not appended.get("failed"), appended
    assert server(f"SELECT count() FROM {database}.small") == "7"
