# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Record what a backup holds out of what the server shows while it is written."""

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup import record
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.metadata import File
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.record import (
    Held,
    Measurement,
    held,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.selection import Selection
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.tables import (
    Content,
    Part,
    Parts,
    Table,
)

from tests.support.backups import backup

_SELECTION = Selection(databases=("d",))


class Server:
    """What the server shows: tables, parts that are listed, and the rows of tables without parts."""

    def __init__(self):
        self.tables = {"d.t": Table("MergeTree", "uuid-t", 5)}
        self.parts = {"d.t": {"all_1_1_0": Part(5, "aa")}}
        self.patched = set()
        self.rows = {}


@pytest.fixture
def server(monkeypatch):
    def parts(shown, _databases):
        found = Parts()
        found.all, found.patched = {name: dict(it) for name, it in shown.parts.items()}, set(shown.patched)
        return found

    monkeypatch.setattr(record.tables, "existing", lambda shown, _databases: dict(shown.tables))
    monkeypatch.setattr(record.tables, "parts", parts)
    monkeypatch.setattr(record.tables, "content", lambda shown, name: shown.rows.get(name))
    return Server()


def metadata(*files):
    names = {name for name, _checksum in files} | {"metadata/d/t.sql"}
    checksums = dict(files)
    described = tuple(File(name, 1, checksums.get(name, name)) for name in sorted(names))
    return dataclasses.replace(backup("b").metadata, files=described)


def part(name, identity, table="t"):
    return (f"data/d/{table}/{name}/checksums.txt", identity)


def measured(server, described, base=None, at_start=None):
    measurement = Measurement(server, _SELECTION, base, at_start)
    measurement.measure()
    return measurement.complete(described)


def test_parts_that_the_backup_holds_are_recorded_by_their_identity(server):
    server.parts["d.t"]["all_2_2_0"] = Part(3, "bb")
    found = measured(server, metadata(part("all_1_1_0", "id-1")))["d.t"]
    assert (found["rows"], found["parts"]) == (5, {"id-1": [5, "aa"]})


def test_a_part_that_was_seen_once_is_known_after_it_was_merged_away(server):
    measurement = Measurement(server, _SELECTION, None, None)
    measurement.measure()
    server.parts = {"d.t": {"all_1_2_1": Part(9, "cc")}}
    assert measurement.complete(metadata(part("all_1_1_0", "id-1")))["d.t"]["rows"] == 5


def test_a_part_of_the_base_is_known_by_its_identity(server):
    base = dataclasses.replace(
        backup("base"), record={"tables": {"d.t": {"rows": 4, "hash": "h", "parts": {"id-0": [4, "zz"]}}}}
    )
    described = metadata(part("all_0_0_0", "id-0"), part("all_1_1_0", "id-1"))
    assert measured(server, described, base)["d.t"]["rows"] == 9
    assert "1 part(s) were merged away" in measured(server, described)["d.t"]["note"]


def test_equal_parts_count_as_often_as_they_are_there(server):
    server.parts["d.t"]["all_2_2_0"] = Part(5, "aa")
    described = metadata(part("all_1_1_0", "id-1"), part("all_2_2_0", "id-1"))
    recorded = dataclasses.replace(backup("b"), metadata=described, record={"tables": measured(server, described)})
    assert held(recorded)["d.t"].parts == {Part(5, "aa"): 2}
    assert held(recorded)["d.t"].rows == 10


def test_tables_that_can_not_be_compared_say_why(server):
    described = metadata(part("all_1_1_0", "id-1"))
    again = {"d.t": {"uuid": "another"}}
    assert "created anew" in measured(server, described, at_start=again)["d.t"]["note"]
    server.patched = {"d.t"}
    assert "lightweight updates" in measured(server, described)["d.t"]["note"]
    server.patched = set()
    server.tables["d.t"] = Table("Join", "uuid-t", 1)
    assert "backs up no rows of the engine Join" in measured(server, metadata())["d.t"]["note"]
    server.tables["d.t"] = Table("View", "uuid-t", None)
    assert measured(server, metadata()) == {}


def test_rows_without_parts_count_where_they_are_the_same_before_and_after(server):
    server.tables["d.t"], server.rows = Table("Log", "uuid-t", 2), {"d.t": Content(2, "hash")}
    described = metadata(("data/d/t/data.bin", "x"))
    at_start = {"d.t": {"uuid": "uuid-t", "content": [2, "hash"]}}
    found = measured(server, described, at_start=at_start)
    assert found["d.t"] == {"rows": 2, "hash": "hash"}
    recorded = dataclasses.replace(backup("b"), metadata=described, record={"tables": found})
    assert held(recorded)["d.t"] == Held(content=Content(2, "hash"))
    assert "was not read before" in measured(server, described)["d.t"]["note"]
    server.rows = {"d.t": Content(3, "other")}
    assert "was changed while" in measured(server, described, at_start=at_start)["d.t"]["note"]


def test_the_record_of_an_earlier_version_is_not_compared_with():
    old = {"tables": {"d.t": {"rows": 5, "hash": 77, "parts": {"id-1": [5, 77]}}}}
    recorded = dataclasses.replace(backup("b"), metadata=metadata(part("all_1_1_0", "id-1")), record=old)
    assert "earlier version" in held(recorded)["d.t"].note
