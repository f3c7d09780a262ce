# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Move the writer between two regions under load. No acknowledged row is lost, except those that an emergency reports.

Each test begins with a writer that has a heartbeat, and with its replica, whichever region that is in.
"""

from __future__ import annotations

import datetime
import json
import random
import threading
import time

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.binary_log import ranges

from lab.runtime import containers
from lab.runtime.control_client import ask
from lab.runtime.rds import server
from tests.support.databases import RefusedError
from tests.support.faults import Fault
from tests.support.faulty_failovers import CALLS, fail_over
from tests.support.machines import wait_for
from tests.support.two_regions import APP, APP_PASSWORD, other_checkout


@pytest.fixture(autouse=True)
def restored(regions) -> None:
    """Restore what the test before has left otherwise."""
    regions.restore()


def transactions(gtids: str) -> int:
    return sum(last - first + 1 for spans in ranges(gtids).values() for first, last in spans)


def _app(regions, region):
    return regions.query(region, "SELECT 1", user=APP, password=APP_PASSWORD)


def test_the_heartbeat_shows_how_far_the_replica_is_behind(regions):
    here, there = regions.active, regions.passive
    regions.query(here, "DROP DATABASE platform")
    announced = regions.heartbeat(here, _ansible_check_mode=True)
    assert [change["action"] for change in announced["changes"]] == ["create", "create", "create"], announced
    assert regions.query(here, "SHOW DATABASES LIKE 'platform'") == []
    assert regions.heartbeat(here)["changes"] == announced["changes"]
    assert not regions.heartbeat(here)["changed"]
    status = wait_for("a beat", lambda: _ready(regions.moved("status", there)))
    assert 0 <= status["target"]["server"]["lag_ms"] < 500
    assert not status["changed"]


def _ready(status):
    return status if status["readiness"]["ready"] else None


def test_a_replica_gets_no_heartbeat_of_its_own(regions):
    refused = regions.heartbeat(regions.passive)
    assert refused["failed"]
    assert "replica" in refused["msg"]


def test_check_mode_returns_the_plan_and_changes_nothing(regions):
    target = regions.make_ready()
    before = regions.journal(target)
    announced = regions.moved("planned", target, _ansible_check_mode=True)
    assert [change["action"] for change in announced["changes"]][:3] == ["fence", "apply", "promote"]
    assert regions.journal(target) == before
    assert _app(regions, regions.active) == [[1]]


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
    target = regions.passive
    before = regions.journal(target)
    refused = regions.failover("planned", target, **options)
    assert refused["failed"]
    assert said.lower() in refused["msg"].lower()
    assert regions.journal(target) == before
    assert _app(regions, regions.active) == [[1]]


def test_a_barrier_that_is_not_reached_in_time_takes_the_fence_back(regions):
    """Lock the replica's tables, so that nothing is applied."""
    target = regions.make_ready()
    holder = threading.Thread(
        target=lambda: regions.query(target, "FLUSH TABLES WITH READ LOCK", "SELECT SLEEP(20)", timeout=40)
    )
    holder.start()
    time.sleep(1)
    with regions.load() as load:
        time.sleep(2)
        refused = regions.failover("planned", target, max_lag_ms=10**6, barrier_timeout=3)
        time.sleep(2)
    assert "given up" in refused["msg"], refused
    assert refused["failover"]["outcome"] == "aborted"
    assert not load.lost(regions.rows(regions.active))
    taken_back = max(at for at, _where in load.acknowledged.values())
    assert taken_back > max(at for at, _code in load.errors), "nobody wrote after the fence was taken back"
    holder.join()
    wait_for("the replica", lambda: regions.rows(target) >= regions.rows(regions.active))


def test_a_planned_switchover_under_load_loses_nothing(regions):
    target = regions.make_ready()
    left, epoch = regions.active, int(regions.record(target)["epoch"])
    with regions.load() as load:
        time.sleep(4)
        result = regions.moved("planned", target)
        time.sleep(3)
    failover = result["failover"]
    print("switchover", {key: failover[key] for key in ("write_block_ms", "ours_ms", "aws_ms")}, failover["timeline"])
    print("acknowledged", len(load.acknowledged), "gap", round(load.gap(), 3), "errors", len(load.errors))
    assert failover["outcome"] == "done"
    assert {where.split(".")[2] for _at, where in load.acknowledged.values()} == {left, target}
    assert load.lost(regions.rows(target)) == {}
    for region in (left, target):
        assert regions.record(region)["active_region"] == target
        assert regions.record(region)["epoch"] == str(epoch + 1)
        assert regions.record(region)["writer_endpoint"] == regions.endpoint(target)
    assert not failover["loss"]["possible"]
    assert not regions.moved("planned", target)["changed"], "a second run has nothing to do"
    begun = datetime.datetime.fromisoformat(failover["begun_at"]).timestamp()
    ended = begun + failover["timeline"][-1]["at_ms"] / 1000
    outside = [(at, code) for at, code in load.errors if not begun <= at <= ended + 1]
    assert outside == [], "applications met errors outside the block"
    with pytest.raises(RefusedError, match="3118"):
        _app(regions, left)
    described = regions.lab("secretsmanager", target).describe_secret(SecretId="tests/database/master")
    assert described.get("PrimaryRegion", target) == target


@pytest.mark.parametrize("die", [(2, "after"), (4, "before")])
def test_a_planned_one_that_is_killed_is_resumed_from_another_checkout(regions, tmp_path, die):
    """Kill it with the old writer fenced, and with the promotion done but not in the journal."""
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
    other, left = regions.make_ready(), regions.active
    with regions.load() as load:
        time.sleep(3)
        regions.unlink(left)
        # More than the writers have under way: what the old writer alone has was acknowledged.
        wait_for("rows that aren't replicated", lambda: len(regions.rows(left) - regions.rows(other)) > 20)
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
    assert lost, "more rows than were under way were not replicated: if nothing is lost, this test shows nothing"
    assert second["outcome"] == "done"
    assert second["pending"] == []
    span = second["loss"]
    since, until = (datetime.datetime.fromisoformat(span[end]).timestamp() for end in ("since", "until"))
    assert all(since <= at <= until for at in lost.values())
    alone = regions.rows(left) - regions.rows(other)
    assert transactions(span["errant_gtids"]) == len(alone), "only rows of applications are told as lost"
    assert transactions(span["housekeeping_gtids"]) > 0
    late = [row for row, (at, where) in load.acknowledged.items() if f".{left}." in where and at > lost_at + 1]
    assert late == [], "somebody wrote to the old writer after its region was lost"
    assert [regions.takes_writes(region) for region in (left, other)] == [False, True]
    assert regions.record(left) == regions.record(other)


@pytest.mark.parametrize("mode", ["planned", "emergency"])
def test_a_promotion_that_rds_refuses_opens_the_old_writer(regions, tmp_path, mode):
    """The old writer answers in the emergency, too, so it was fenced."""
    target, left = regions.make_ready(), regions.active
    refused = regions.failover(mode, target, fault=Fault(1, "refusal", 1, str(tmp_path / "log"), "PromoteReadReplica"))
    assert "InvalidDBInstanceState" in refused["msg"]
    assert "takes writes as before" in refused["msg"]
    assert refused["failover"]["outcome"] == "aborted"
    assert [regions.takes_writes(region) for region in (left, target)] == [True, False]


def test_a_backup_is_awaited_and_so_is_a_promotion_whose_answer_was_lost(regions, tmp_path):
    target, left = regions.make_ready(), regions.active
    resource = regions.places[target].described(regions.name(target))["DbiResourceId"]
    question = {"region": target, "resource_id": resource, "seconds": 5}
    assert ask(regions.lab.stack.settings.control_socket, "rds-back-up", question)
    assert "backing-up" in regions.moved("status", target)["readiness"]["problems"][0]
    log = tmp_path / "log"
    with regions.load(stubborn=True) as load:
        begun = time.time()
        fault = Fault(1, "time-out after success", 1, str(log), "PromoteReadReplica")
        failover = regions.moved("planned", target, fault=fault)["failover"]
        time.sleep(2)
    assert log.read_text().count("PromoteReadReplica") == 1
    assert failover["outcome"] == "done"
    assert datetime.datetime.fromisoformat(failover["begun_at"]).timestamp() > begun + 3, (
        "fenced while it was backed up"
    )
    assert load.lost(regions.rows(target)) == {}
    assert [regions.takes_writes(region) for region in (left, target)] == [False, True]


def test_an_emergency_gives_up_what_can_not_be_applied_only_when_told_to(regions):
    """The applier stands: a row that comes from the writer is there already."""
    target, left = regions.make_ready(), regions.active
    name = regions.places[target].described(regions.name(target))["DbiResourceId"]
    with server.session(containers.pid(name), lambda: True) as cursor:
        cursor.execute("SET sql_log_bin = 0")
        cursor.execute("INSERT INTO app.rows_of VALUES (500, 1)")
    regions.query(left, "INSERT INTO app.rows_of VALUES (500, 1)", "INSERT INTO app.rows_of VALUES (500, 2)")
    refused = regions.failover("emergency", target, barrier_timeout=2)
    assert "O(accept_unapplied)" in refused["msg"], refused
    assert refused["failover"]["outcome"] == "aborted"
    assert [regions.takes_writes(region) for region in (left, target)] == [True, False]
    assert "mode=emergency" in regions.failover("planned", target, accept_unapplied=True)["msg"]
    failover = regions.moved("emergency", target, accept_unapplied=True, barrier_timeout=2)["failover"]
    assert failover["outcome"] == "done"
    assert failover["loss"]["possible"]
    unapplied = regions.journal(target)["facts"]["unapplied_gtids"]
    assert unapplied
    assert failover["loss"]["unapplied_gtids"] == unapplied
    contained = f"SELECT GTID_SUBSET('{unapplied}', @@GLOBAL.gtid_executed)"
    assert regions.query(target, contained) == [[0]]
    assert regions.query(left, contained) == [[1]]
    assert (500, 2) not in regions.rows(target)
    assert [regions.takes_writes(region) for region in (left, target)] == [False, True]


def test_a_tenant_s_dedicated_instance_is_moved_beside_the_shared_one(regions):
    """It has no heartbeat before, and gets one. A tenant without a replica there stays, and keeps none of the others."""
    target, left = regions.make_ready(), regions.active
    tenants = [{"name": name, "isolation": "instance"} for name in ("acme", "bound")]
    with regions.dedicated("acme"):
        here, there = f"{regions.name(left)}-acme", f"{regions.name(target)}-acme"
        regions.places[left].query(
            here, "CREATE TABLE acme.kept (id INT PRIMARY KEY)", "INSERT INTO acme.kept VALUES (1)"
        )
        with regions.tunnels_to("acme") as addresses:
            result = regions.moved("planned", target, tenants=tenants, addresses=addresses)
            assert not regions.moved("planned", target, tenants=tenants, addresses=addresses)["changed"]
        acme, bound = result["dedicated"]
        assert acme["failover"]["outcome"] == result["failover"]["outcome"] == "done"
        assert not acme["failover"]["loss"]["possible"]
        assert "no replica" in bound["left"]
        endpoint = regions.places[target].described(there)["Endpoint"]["Address"]
        assert (acme["record"]["active_region"], acme["record"]["writer_endpoint"]) == (target, endpoint)
        regions.places[target].query(there, "INSERT INTO acme.kept VALUES (2)")
        assert regions.places[target].query(there, "SELECT id FROM acme.kept ORDER BY id") == [[1], [2]]
        value = regions.lab("secretsmanager", target).get_secret_value(SecretId="tests/database/tenants/acme")
        assert json.loads(value["SecretString"])["host"] == endpoint


@pytest.mark.parametrize("number", range(10))
def test_a_fault_at_any_call_loses_nothing_and_a_further_run_ends_it(regions, tmp_path, number):
    """`make soak` draws 200."""
    regions.make_ready()
    mode = "emergency" if number % 5 == 4 else "planned"
    print(fail_over(regions, Fault.drawn(random.Random(number), CALLS, tmp_path / "log"), mode=mode))
