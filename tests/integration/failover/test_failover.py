# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Move the writer between two regions under load. No acknowledged row is lost, except those that an emergency reports.

The tests depend on each other: each begins where the one before ended.
"""

from __future__ import annotations

import datetime
import threading
import time

import pytest

from tests.support.databases import RefusedError
from tests.support.machines import wait_for
from tests.support.two_regions import APP, APP_PASSWORD, HERE, THERE, other_checkout


def test_the_heartbeat_shows_how_far_the_replica_is_behind(regions):
    announced = regions.heartbeat(HERE, _ansible_check_mode=True)
    assert [change["action"] for change in announced["changes"]] == ["create", "create", "create"], announced
    assert regions.query(HERE, "SHOW DATABASES LIKE 'platform'") == []
    assert regions.heartbeat(HERE)["changes"] == announced["changes"]
    assert not regions.heartbeat(HERE)["changed"]
    status = wait_for("a beat", lambda: _ready(regions.moved("status", THERE)))
    assert 0 <= status["target"]["server"]["lag_ms"] < 500
    assert not status["changed"]


def _ready(status):
    return status if status["readiness"]["ready"] else None


def test_a_replica_gets_no_heartbeat_of_its_own(regions):
    refused = regions.heartbeat(THERE)
    assert refused["failed"]
    assert "replica" in refused["msg"]


def test_check_mode_returns_the_plan_and_changes_nothing(regions):
    announced = regions.moved("planned", THERE, _ansible_check_mode=True)
    assert [change["action"] for change in announced["changes"]][:3] == ["fence", "apply", "promote"]
    assert regions.journal(THERE) == {}
    assert regions.query(HERE, "SELECT 1", user=APP, password=APP_PASSWORD) == [[1]]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"target_region": "mars-1"}, "O(instances)"),
        ({"fence": "security_group"}, "O(fence_security_group)"),
        ({"admin_secret": "tests/database/nothing"}, "tests/database/nothing"),
        ({"table": "no-such-table"}, "no region"),
        ({"max_lag_ms": 0, "lag_timeout": 1}, "Nothing was changed"),
    ],
)
def test_wrong_input_is_refused_before_anything_is_changed(regions, options, said):
    refused = regions.failover("planned", THERE, **options)
    assert refused["failed"]
    assert said.lower() in refused["msg"].lower()
    assert regions.journal(THERE) == {}
    assert regions.query(HERE, "SELECT 1", user=APP, password=APP_PASSWORD) == [[1]]


def test_a_barrier_that_is_not_reached_in_time_takes_the_fence_back(regions):
    """Lock the replica's tables, so that nothing is applied."""
    holder = threading.Thread(
        target=lambda: regions.query(THERE, "FLUSH TABLES WITH READ LOCK", "SELECT SLEEP(20)", timeout=40)
    )
    holder.start()
    time.sleep(1)
    with regions.load() as load:
        time.sleep(2)
        refused = regions.failover("planned", THERE, max_lag_ms=10**6, barrier_timeout=3)
        time.sleep(2)
    assert "given up" in refused["msg"], refused
    assert refused["failover"]["outcome"] == "aborted"
    assert not load.lost(regions.rows(HERE))
    taken_back = max(at for at, _where in load.acknowledged.values())
    assert taken_back > max(at for at, _code in load.errors), "nobody wrote after the fence was taken back"
    holder.join()
    wait_for("the replica", lambda: regions.rows(THERE) >= regions.rows(HERE))


def test_a_planned_switchover_under_load_loses_nothing(regions):
    regions.make_ready()
    with regions.load() as load:
        time.sleep(4)
        result = regions.moved("planned", THERE)
        time.sleep(3)
    failover = result["failover"]
    print("switchover", {key: failover[key] for key in ("write_block_ms", "ours_ms", "aws_ms")}, failover["timeline"])
    print("acknowledged", len(load.acknowledged), "gap", round(load.gap(), 3), "errors", len(load.errors))
    assert failover["outcome"] == "done"
    assert {where.split(".")[2] for _at, where in load.acknowledged.values()} == {HERE, THERE}
    assert load.lost(regions.rows(THERE)) == {}
    for region in (HERE, THERE):
        assert regions.record(region)["active_region"] == THERE
        assert regions.record(region)["epoch"] == "3"
        assert regions.record(region)["writer_endpoint"] == regions.endpoint(THERE)
    assert not failover["loss"]["possible"]
    assert not regions.moved("planned", THERE)["changed"], "a second run has nothing to do"
    begun = datetime.datetime.fromisoformat(failover["begun_at"]).timestamp()
    ended = begun + failover["timeline"][-1]["at_ms"] / 1000
    outside = [(at, code) for at, code in load.errors if not begun <= at <= ended + 1]
    assert outside == [], "applications met errors outside the block"


def test_the_old_writer_is_closed_to_everybody_but_the_master(regions):
    with pytest.raises(RefusedError, match="3118"):
        regions.query(HERE, "SELECT 1", user=APP, password=APP_PASSWORD)


def test_the_secret_is_the_new_region_s_own(regions):
    described = regions.lab("secretsmanager", THERE).describe_secret(SecretId="tests/database/master")
    assert described.get("PrimaryRegion", THERE) == THERE


@pytest.mark.parametrize("die", [(2, "after"), (4, "before")])
def test_a_planned_one_that_is_killed_is_resumed_from_another_checkout(regions, tmp_path, die):
    """Kill it with the old writer fenced, and with the promotion done but not in the journal."""
    regions.rebuild(regions.passive)
    other = regions.make_ready()
    left = regions.active
    with regions.load() as load:
        time.sleep(3)
        regions.killed("planned", other, die)
        assert not regions.journal(other)["outcome"]
        result = regions.moved("planned", other, collections=other_checkout(tmp_path), cwd=tmp_path)
        time.sleep(2)
    assert result["failover"]["outcome"] == "done"
    assert load.lost(regions.rows(other)) == {}
    assert [regions.takes_writes(region) for region in (left, other)] == [False, True]


def test_an_emergency_reports_what_it_lost(regions):
    regions.rebuild(regions.passive)
    other, left = regions.make_ready(), regions.active
    with regions.load() as load:
        time.sleep(3)
        regions.unlink(left)
        time.sleep(1)
        regions.lose(left)
        lost_at = time.time()
        first = regions.moved("emergency", other)["failover"]
        took = time.time() - lost_at
        time.sleep(2)
        regions.come_back(left)
        second = regions.moved("emergency", other)["failover"]
        time.sleep(2)
    lost = load.lost(regions.rows(other))
    print(
        "emergency", round(took, 2), first["timeline"], second["loss"], "lost", len(lost), "gap", round(load.gap(), 2)
    )
    assert first["loss"]["possible"]
    assert first["loss"]["until"] is None
    assert len(first["pending"]) == 2
    assert lost, "the link was cut a second before the region: if nothing is lost, this test shows nothing"
    assert second["outcome"] == "done"
    assert second["pending"] == []
    span = second["loss"]
    since, until = (datetime.datetime.fromisoformat(span[end]).timestamp() for end in ("since", "until"))
    assert all(since <= at <= until for at in lost.values())
    assert span["errant_gtids"]
    late = [row for row, (at, where) in load.acknowledged.items() if f".{left}." in where and at > lost_at + 1]
    assert late == [], "somebody wrote to the old writer after its region was lost"
    assert [regions.takes_writes(region) for region in (left, other)] == [False, True]
    assert regions.record(left) == regions.record(other)
