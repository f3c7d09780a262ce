# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Replication between regions, promotion with the source's region lost, and snapshots that hold data."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from lab.runtime.control_client import ask
from lab.runtime.rds import names
from lab.settings import CHECKOUT
from tests.support.answers import error_code
from tests.support.databases import DatabasePlace, RefusedError, make_database_place
from tests.support.labs import Clients
from tests.support.machines import wait_for

_MAIN, _REPLICA = "platform-main", "platform-replica"


@pytest.fixture(scope="module")
def here(lab_with_instances: Clients) -> DatabasePlace:
    place = make_database_place(lab_with_instances, "me-west-1", "10.10.0.0/16")
    place.create(_MAIN, DBName="lms")
    place.wait(_MAIN)
    place.query(_MAIN, "CREATE TABLE lms.before (id INT PRIMARY KEY)", "INSERT INTO lms.before VALUES (1)")
    return place


@pytest.fixture(scope="module")
def there(lab_with_instances: Clients, here: DatabasePlace) -> DatabasePlace:
    """The other region, with a replica; nothing peers the two VPCs."""
    place = make_database_place(lab_with_instances, "eu-central-1", "10.20.0.0/16")
    asked = {"DBInstanceIdentifier": _REPLICA, "DBSubnetGroupName": place.group}
    source = here.described(_MAIN)["DBInstanceArn"]
    place.rds.create_db_instance_read_replica(SourceDBInstanceIdentifier=source, **asked)
    place.wait(_REPLICA)
    return place


def _rows(place: DatabasePlace, name: str, table: str) -> list | None:
    try:
        return place.query(name, f"SELECT id FROM lms.{table}", timeout=3)
    except RefusedError:
        return None


def _lab(place: DatabasePlace, *command: str) -> None:
    settings = place.place.clients.stack.settings
    environment = place.place.clients.environment(administrator=True) | {"LAB_HOME": str(settings.home)}
    subprocess.run([sys.executable, "-m", "lab", *command], cwd=CHECKOUT, env=environment, check=True)


def test_a_replica_has_what_was_there_and_what_comes(here, there):
    assert _rows(there, _REPLICA, "before") == [[1]]
    here.query(_MAIN, "CREATE TABLE lms.after (id INT PRIMARY KEY)", "INSERT INTO lms.after VALUES (2)")
    wait_for("the row", lambda: _rows(there, _REPLICA, "after") == [[2]], timeout=10)


def test_both_sides_know_of_each_other(here, there):
    assert there.described(_REPLICA)["ReadReplicaSourceDBInstanceIdentifier"] == here.described(_MAIN)["DBInstanceArn"]
    listed = here.described(_MAIN)["ReadReplicaDBInstanceIdentifiers"]
    assert listed == [there.described(_REPLICA)["DBInstanceArn"]]
    assert there.described(_REPLICA)["BackupRetentionPeriod"] == 0


def test_replication_goes_by_gtid_and_tls(there):
    columns = "SSL_ALLOWED, SSL_VERIFY_SERVER_CERTIFICATE, AUTO_POSITION, HOST"
    ((ssl, verified, gtid, host),) = there.query(
        _REPLICA, f"SELECT {columns} FROM performance_schema.replication_connection_configuration"
    )
    assert (ssl, verified, gtid) == ("YES", "YES", "1")
    assert host.startswith(f"{_MAIN}.")
    assert host.endswith(".me-west-1.rds.amazonaws.com")


def test_a_replica_takes_no_writes(there):
    with pytest.raises(RefusedError, match="1290"):
        there.query(_REPLICA, "INSERT INTO lms.before VALUES (9)")


def test_a_source_with_replicas_is_not_stopped(here, there):
    assert error_code(here.rds.stop_db_instance, DBInstanceIdentifier=_MAIN) == "InvalidDBInstanceState"


def test_rds_itself_writes_to_the_binary_log(here, there):
    """Its heartbeat has GTIDs like any other transaction, whoever is locked."""
    executed = here.query(_MAIN, "SELECT @@GLOBAL.gtid_executed")
    wait_for("RDS's heartbeat", lambda: here.query(_MAIN, "SELECT @@GLOBAL.gtid_executed") != executed, timeout=15)
    assert here.query(_MAIN, "SELECT COUNT(*) FROM mysql.rds_heartbeat2") == [[1]]


def test_the_measure_of_lag_is_there(here, there):
    """What the switchover's gate reads: the original commit time of what was applied last."""
    here.query(_MAIN, "INSERT INTO lms.before VALUES (3)")
    statement = (
        "SELECT TIMESTAMPDIFF(MICROSECOND, LAST_APPLIED_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP,"
        " LAST_APPLIED_TRANSACTION_END_APPLY_TIMESTAMP) FROM performance_schema.replication_applier_status_by_worker"
        " WHERE LAST_APPLIED_TRANSACTION <> ''"
    )
    wait_for("the row", lambda: [3] in _rows(there, _REPLICA, "before"), timeout=10)
    lags = [row[0] for row in there.query(_REPLICA, statement)]
    assert lags
    assert all(0 < lag < 10_000_000 for lag in lags)


def test_a_snapshot_is_copied_and_restored_in_the_other_region(here, there):
    here.rds.create_db_snapshot(DBSnapshotIdentifier="kept", DBInstanceIdentifier=_MAIN)
    here.rds.get_waiter("db_snapshot_available").wait(DBSnapshotIdentifier="kept", WaiterConfig={"Delay": 1})
    here.query(_MAIN, "INSERT INTO lms.before VALUES (4)")
    arn = here.rds.describe_db_snapshots(DBSnapshotIdentifier="kept")["DBSnapshots"][0]["DBSnapshotArn"]
    there.rds.copy_db_snapshot(SourceDBSnapshotIdentifier=arn, TargetDBSnapshotIdentifier="copied")
    there.rds.get_waiter("db_snapshot_available").wait(DBSnapshotIdentifier="copied", WaiterConfig={"Delay": 1})
    there.rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier="restored", DBSnapshotIdentifier="copied", DBSubnetGroupName=there.group
    )
    there.wait("restored")
    assert _rows(there, "restored", "before") == [[1], [3]]
    there.query("restored", "INSERT INTO lms.before VALUES (5)")
    there.rds.delete_db_instance(DBInstanceIdentifier="restored", FinalDBSnapshotIdentifier="final")
    there.wait("restored", None)
    final = there.rds.describe_db_snapshots(DBSnapshotIdentifier="final")["DBSnapshots"][0]
    assert final["Status"] == "available"


def test_all_of_it_outlives_a_restart_of_the_lab(here, there):
    _lab(here, "restart")
    wait_for("the primary", lambda: _rows(here, _MAIN, "before") == [[1], [3], [4]])
    here.query(_MAIN, "INSERT INTO lms.before VALUES (6)")
    wait_for("replication", lambda: _rows(there, _REPLICA, "before") == [[1], [3], [4], [6]])
    assert there.rds.describe_db_snapshots(DBSnapshotIdentifier="copied")["DBSnapshots"][0]["Status"] == "available"


def test_a_lost_region_answers_neither_on_its_databases_nor_on_its_api(here, there):
    endpoint = here.described(_MAIN)["Endpoint"]["Address"]
    _lab(here, "cut", here.place.region, "--silent")

    def silent():
        try:
            here.ask(endpoint, "SELECT 1", timeout=1)
        except RefusedError:
            return True
        return False

    wait_for("the silence", silent, timeout=15)
    state = "SELECT SERVICE_STATE FROM performance_schema.replication_connection_status"
    assert there.query(_REPLICA, state)
    assert _rows(there, _REPLICA, "before") == [[1], [3], [4], [6]]


def test_no_replica_is_promoted_while_it_is_backed_up(here, there):
    described = there.described(_REPLICA)
    question = {"region": there.place.region, "resource_id": described["DbiResourceId"], "seconds": 4}
    assert ask(there.place.clients.stack.settings.control_socket, "rds-back-up", question)
    assert there.state(_REPLICA) == "backing-up"
    assert error_code(there.rds.promote_read_replica, DBInstanceIdentifier=_REPLICA) == "InvalidDBInstanceState"
    assert _rows(there, _REPLICA, "before") == [[1], [3], [4], [6]], "it answers meanwhile"
    there.wait(_REPLICA)


def test_a_replica_is_promoted_while_its_source_is_lost(here, there):
    """It names its source as long as it is promoted, and is not promoted twice."""
    there.rds.promote_read_replica(DBInstanceIdentifier=_REPLICA, BackupRetentionPeriod=7)
    promoting = there.described(_REPLICA)
    assert promoting["DBInstanceStatus"] == "modifying"
    assert f":db:{_MAIN}" in promoting["ReadReplicaSourceDBInstanceIdentifier"]
    assert error_code(there.rds.promote_read_replica, DBInstanceIdentifier=_REPLICA) == "InvalidDBInstanceState"
    there.wait(_REPLICA)
    there.query(_REPLICA, "INSERT INTO lms.before VALUES (10)")
    described = there.described(_REPLICA)
    assert not described.get("ReadReplicaSourceDBInstanceIdentifier")
    assert described["BackupRetentionPeriod"] == 7
    assert there.query(_REPLICA, "SELECT COUNT(*) FROM performance_schema.replication_connection_configuration") == [
        [0]
    ]
    assert error_code(there.rds.promote_read_replica, DBInstanceIdentifier=_REPLICA) == "InvalidDBInstanceState"


def test_the_old_primary_comes_back_writable_and_apart(here, there):
    _lab(here, "heal", here.place.region)

    def written():
        try:
            here.query(_MAIN, "INSERT INTO lms.before VALUES (11)", timeout=2)
        except RefusedError:
            return False
        return True

    wait_for("the old primary", written, timeout=15)
    assert here.described(_MAIN)["ReadReplicaDBInstanceIdentifiers"] == []
    assert [11] not in _rows(there, _REPLICA, "before")


def test_purging_the_lab_leaves_nothing(here, there):
    stack = here.place.clients.stack
    home = stack.settings.home
    stack.down(purge=True, say=lambda _line: None)
    containers = subprocess.run(
        ["docker", "ps", "-a", "--filter", f"label=knowledgecity.platform.lab.rds={home}", "-q"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    spaces = json.loads(
        subprocess.run(["ip", "-json", "netns", "list"], capture_output=True, text=True, check=True).stdout or "[]"
    )
    assert containers == ""
    assert names.backbone(home) not in [item["name"] for item in spaces]
    assert not home.exists()
