# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A DB instance as an application and its operator meet it: a server with TLS, the parameters of its group and RDS's rights."""

from __future__ import annotations

import ipaddress
import socket
import subprocess

import pytest

from tests.support.databases import MASTER, PASSWORD, DatabasePlace, RefusedError, make_database_place
from tests.support.labs import Clients
from tests.support.machines import wait_for

_NAME = "platform-main"


@pytest.fixture(scope="module")
def place(lab_with_instances: Clients) -> DatabasePlace:
    place = make_database_place(lab_with_instances, "me-west-1", "10.10.0.0/16")
    place.rds.create_db_parameter_group(
        DBParameterGroupName="main", DBParameterGroupFamily="mysql8.4", Description="main"
    )
    _set(place, require_secure_transport="1", max_connections="77")
    place.create(_NAME, DBName="lms", DBParameterGroupName="main", MultiAZ=True)
    assert place.state(_NAME) == "creating"
    assert "Endpoint" not in place.described(_NAME)
    place.wait(_NAME)
    return place


def _set(place: DatabasePlace, method: str = "immediate", **parameters: str) -> None:
    place.rds.modify_db_parameter_group(
        DBParameterGroupName="main",
        Parameters=[
            {"ParameterName": name, "ParameterValue": value, "ApplyMethod": method}
            for name, value in parameters.items()
        ],
    )


def _container(place: DatabasePlace) -> str:
    return place.described(_NAME)["DbiResourceId"]


def test_the_master_user_comes_in_by_tls_that_names_the_endpoint(place):
    rows = place.query(_NAME, "SELECT CURRENT_USER(), @@read_only, @@gtid_mode, DATABASE() IS NULL")
    assert rows == [["admin@%", 0, "ON", 1]]


def test_the_endpoint_is_in_the_subnet_group(place):
    described = place.described(_NAME)
    assert described["Endpoint"]["Address"].endswith(".me-west-1.rds.amazonaws.com")
    assert described["SecondaryAvailabilityZone"] != described["AvailabilityZone"]
    (address,) = {
        item["PrivateIpAddress"]
        for item in place.place.api("ec2").describe_network_interfaces()["NetworkInterfaces"]
        if item["Description"] == "RDSNetworkInterface"
    }
    assert ipaddress.ip_address(address) in ipaddress.ip_network("10.10.32.0/20")


def test_plaintext_is_refused(place):
    with pytest.raises(RefusedError, match="3159"):
        place.query(_NAME, "SELECT 1", tls=False)


def test_a_wrong_password_is_refused(place):
    with pytest.raises(RefusedError, match="1045"):
        place.query(_NAME, "SELECT 1", password="wrong")


@pytest.mark.parametrize(
    "statement",
    [
        "SET GLOBAL read_only = 0",
        "SET PERSIST max_connections = 5",
        "STOP REPLICA",
        "CHANGE REPLICATION SOURCE TO SOURCE_HOST = 'elsewhere'",
        "CLONE LOCAL DATA DIRECTORY = '/rds/mine'",
        "SHUTDOWN",
        "DROP USER rdsrepladmin@'%'",
        "ALTER USER rdsadmin@localhost IDENTIFIED BY 'mine'",
        "ALTER USER rdsrepladmin@'%' IDENTIFIED BY 'mine'",
        "GRANT SUPER ON *.* TO admin@'%'",
        "SELECT 1 INTO OUTFILE '/rds/mine'",
    ],
)
def test_what_rds_denies_the_master_user_the_lab_denies(place, statement):
    with pytest.raises(RefusedError, match=r"1227|1045|1044|1290"):
        place.query(_NAME, statement)


def test_the_master_user_may_do_what_tenants_take(place):
    rows = place.query(
        _NAME,
        "CREATE DATABASE tenanta",
        "CREATE USER tenanta@'%' IDENTIFIED BY 'First-password-1' REQUIRE SSL ATTRIBUTE '{\"tenant\": \"a\"}'",
        "GRANT SELECT, INSERT ON tenanta.* TO tenanta@'%'",
        "ALTER USER tenanta@'%' IDENTIFIED BY 'Second-password-2' RETAIN CURRENT PASSWORD",
        "ALTER USER tenanta@'%' ACCOUNT LOCK",
        "SELECT User_attributes FROM mysql.user WHERE user = 'tenanta'",
    )
    assert "additional_password" in rows[0][0]


def test_a_session_is_killed_by_the_procedure_of_rds(place):
    with pytest.raises(RefusedError, match=r"2013|1317"):
        place.query(_NAME, "CALL mysql.rds_kill(CONNECTION_ID())", "SELECT 1")


def test_a_dynamic_parameter_is_in_force_at_once_and_a_static_one_after_a_reboot(place):
    _set(place, max_connections="88")
    wait_for("max_connections", lambda: place.query(_NAME, "SELECT @@max_connections") == [[88]])
    _set(place, "pending-reboot", performance_schema_max_thread_instances="400")
    pending = ["pending-reboot"]
    wait_for("the pending reboot", lambda: _statuses(place) == pending)
    place.rds.reboot_db_instance(DBInstanceIdentifier=_NAME)
    assert place.state(_NAME) == "rebooting"
    place.wait(_NAME)
    assert place.query(_NAME, "SELECT @@performance_schema_max_thread_instances, @@max_connections") == [[400, 88]]
    assert _statuses(place) == ["in-sync"]


def _statuses(place: DatabasePlace) -> list[str]:
    return [group["ParameterApplyStatus"] for group in place.described(_NAME)["DBParameterGroups"]]


def test_a_server_that_is_killed_comes_back_with_its_data(place):
    place.query(_NAME, "CREATE TABLE lms.kept (id INT PRIMARY KEY)", "INSERT INTO lms.kept VALUES (7)")
    subprocess.run(["docker", "kill", _container(place)], check=True, capture_output=True)

    def rows():
        try:
            return place.query(_NAME, "SELECT id FROM lms.kept")
        except RefusedError:
            return None

    assert wait_for("the server", rows) == [[7]]


def test_a_new_master_password_holds_at_once(place):
    new = "Another-battery-8"
    place.rds.modify_db_instance(DBInstanceIdentifier=_NAME, MasterUserPassword=new, ApplyImmediately=True)

    def answers():
        try:
            return place.query(_NAME, "SELECT 1", password=new)
        except RefusedError:
            return None

    wait_for("the new password", answers)
    with pytest.raises(RefusedError, match="1045"):
        place.query(_NAME, "SELECT 1")
    place.rds.modify_db_instance(DBInstanceIdentifier=_NAME, MasterUserPassword=PASSWORD, ApplyImmediately=True)
    wait_for("the old password", lambda: _works(place))


def _works(place: DatabasePlace) -> bool:
    try:
        return place.query(_NAME, "SELECT 1") == [[1]]
    except RefusedError:
        return False


def test_no_password_is_in_a_log_a_process_list_or_a_configuration(place):
    settings = place.place.clients.stack.settings
    said = subprocess.run(["docker", "logs", _container(place)], capture_output=True, check=True)
    processes = subprocess.run(["ps", "axww", "-o", "args"], capture_output=True, check=True).stdout
    logs = b"".join(file.read_bytes() for file in settings.logs.glob("*.log"))
    options = b"".join(file.read_bytes() for file in settings.state.glob("rds/instances/*/my.cnf"))
    assert options
    assert PASSWORD.encode() not in said.stdout + said.stderr + processes + logs + options


def test_stopping_and_starting_keeps_the_data(place):
    place.rds.stop_db_instance(DBInstanceIdentifier=_NAME)
    place.wait(_NAME, "stopped")
    with pytest.raises(RefusedError, match="2003"):
        place.query(_NAME, "SELECT 1", timeout=2)
    place.rds.start_db_instance(DBInstanceIdentifier=_NAME)
    place.wait(_NAME)
    assert place.query(_NAME, "SELECT id FROM lms.kept") == [[7]]


def test_the_machine_does_not_reach_it(place):
    address = next(
        item["PrivateIpAddress"]
        for item in place.place.api("ec2").describe_network_interfaces()["NetworkInterfaces"]
        if item["Description"] == "RDSNetworkInterface"
    )
    with pytest.raises(OSError, match="No route"):
        socket.create_connection((address, 3306), timeout=2)


def test_a_deleted_instance_leaves_nothing(place):
    name = "short-lived"
    place.create(name, BackupRetentionPeriod=0)
    place.wait(name)
    resource = place.described(name)["DbiResourceId"]
    place.rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    place.wait(name, None)
    settings = place.place.clients.stack.settings
    listed = subprocess.run(
        ["docker", "ps", "-a", "--format", "{{.Names}}"], capture_output=True, text=True, check=True
    )
    assert resource not in listed.stdout.split()
    assert not [path for path in settings.state.glob("rds/instances/*") if path.name.startswith(resource)]


def test_master_is_named_as_asked(place):
    assert place.query(_NAME, "SELECT USER()")[0][0].startswith(f"{MASTER}@")
