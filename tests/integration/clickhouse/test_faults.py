# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Find damaged objects: by the list where it shows, by bytes and scratch in any case."""

from __future__ import annotations

import contextlib

import pytest

VERIFIED = {"state": "verified"}
KEY = "data/{database}/events/202601_1_1_0/data.bin"


@pytest.fixture
def damage(server):
    """Return a context manager that changes an object."""

    @contextlib.contextmanager
    def change(name, key, content):
        place = {"Bucket": server.bucket, "Key": f"clickhouse/{name}/{key}"}
        original = server.s3.get_object(**place)["Body"].read()
        if content is None:
            server.s3.delete_object(**place)
        else:
            server.s3.put_object(**place, Body=content(original))
        yield
        server.s3.put_object(**place, Body=original)

    return change


def flip(content):
    changed = bytearray(content)
    changed[len(changed) // 2] ^= 0b100
    return bytes(changed)


def test_each_fault_is_found_and_named(server, database, run_module, damage):
    key = KEY.format(database=database)
    full, incremental = run_module(
        {"name": "full", "databases": [database]}, {"name": "incremental", "databases": [database]}
    )
    assert full["backup"]["chain"] == ["full"], full
    assert incremental["backup"]["chain"] == ["incremental", "full"], incremental

    with damage("full", key, flip):
        by_list, by_bytes, by_scratch, of_chain = run_module(
            VERIFIED | {"name": "full", "verify": "list"},
            VERIFIED | {"name": "full", "verify": "bytes"},
            VERIFIED | {"name": "full", "verify": "scratch"},
            VERIFIED | {"name": "incremental", "verify": "bytes"},
        )
    assert not by_list.get("failed"), "a flip keeps the size"
    assert by_bytes["faults"] == [f"full: {key} has other bytes than were backed up"] == of_chain["faults"]
    assert by_scratch["failed"]
    assert any(f"{database}.events" in fault for fault in by_scratch["faults"]), by_scratch["faults"]
    assert "restore_test" not in server("SHOW DATABASES")

    auto = {"name": "later", "databases": [database], "check_mode": True}
    with damage("full", key, lambda content: content[:-1]):
        truncated, on_broken, elsewhere = run_module(VERIFIED | {"name": "full"}, auto | {"base": "incremental"}, auto)
    assert "bytes instead of" in truncated["faults"][0]
    assert "is not sound, and nothing can be built on it" in on_broken["msg"]
    assert elsewhere["diff"]["after"]["backup later"]["base"] is None

    with damage("full", key, None):
        missing, restored = run_module(
            VERIFIED | {"name": "incremental"},
            {"name": "incremental", "state": "restored", "restore": {"databases": {database: f"{database}_x"}}},
        )
    assert missing["faults"] == [f"full: {key} is missing"] == restored["faults"]
    assert f"{database}_x" not in server("SHOW DATABASES")

    with damage("full", ".backup", lambda content: content[: len(content) // 2]):
        (cut,) = run_module(VERIFIED | {"name": "full"})
    assert "its .backup can't be read" in cut["faults"][0]

    sound, retaken = run_module(VERIFIED | {"name": "incremental", "verify": "bytes"}, auto | {"name": "incremental"})
    assert not sound.get("failed"), sound
    assert not retaken["changed"]
    server.s3.delete_objects(Bucket=server.bucket, Delete={"Objects": [{"Key": key} for key in server.objects("full")]})
    without, _again, other_base = run_module(
        VERIFIED | {"name": "incremental"},
        {"name": "full", "databases": [database], "base": "none"},
        VERIFIED | {"name": "incremental"},
    )
    assert without["faults"] == ["incremental: its base full is missing"]
    assert "was taken anew since" in other_base["faults"][0]
