# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Prove a backup and restore it beside the original, while rows are inserted through views of every kind: nothing live is touched.

`tests/soak/test_clickhouse_live_objects.py` is the long form.
"""

from __future__ import annotations

import pytest

from tests.support.clickhouse_load import create, drop, inserting

DATABASE = "live_views"


@pytest.fixture
def views(server):
    create(server, DATABASE)
    yield DATABASE
    drop(server, DATABASE, f"{DATABASE}_beside", f"{DATABASE}_alive")


def test_no_row_more_no_row_less_and_no_error(server, views, run_module):
    with inserting(server, views) as load:
        made, proven, beside = run_module(
            {"name": "live", "databases": [views]},
            {"name": "live", "state": "verified", "verify": "scratch"},
            {"name": "live", "state": "restored", "restore": {"databases": {views: f"{views}_beside"}}},
        )
    assert load.errors == []
    assert load.inserts > 100
    assert set(load.surplus().values()) == {0}, load.surplus()
    assert server("SELECT count() FROM live_in.appended") == "0", "a view that refreshes itself was created"
    assert not made.get("failed"), made
    assert made["backup"]["tables"].keys() == {f"{views}.{name}" for name in ("beside", "with_rows_of_its_own")}
    assert not proven.get("failed"), proven
    assert (proven["backup"]["verdict"], proven["backup"]["uncompared"]) == ("proven", [])
    assert not beside.get("failed"), beside
    assert "restore_test" not in server("SHOW DATABASES")

    there = server(f"SELECT name, engine FROM system.tables WHERE database = '{views}_beside' ORDER BY name")
    assert there == "beside\tMergeTree\nplain_view\tView\nwith_rows_of_its_own\tMergeTree"
    left_out = {item["table"].partition(".")[2] for item in beside["left_out"]}
    assert left_out == {
        *("buffer", "dictionary", "into_a_table_beside", "into_a_table_elsewhere", "of_a_null_table"),
        *("of_another_view", "refreshed"),
    }
    rows = int(server(f"SELECT rows FROM {views}_beside.plain_view"))
    assert rows == made["backup"]["tables"][f"{views}.beside"]["rows"] > 0


def test_live_objects_are_created_where_they_are_asked_for(server, views, run_module):
    restore = {"databases": {views: f"{views}_alive"}, "live_objects": True}
    made, alive = run_module(
        {"name": "alive", "databases": [views]}, {"name": "alive", "state": "restored", "restore": restore}
    )
    assert not made.get("failed"), made
    assert not alive.get("failed"), alive
    assert alive["left_out"] == []
    assert (
        server(f"SELECT count() FROM system.tables WHERE database = '{views}_alive' AND name NOT LIKE '.inner%'")
        == "10"
    )
