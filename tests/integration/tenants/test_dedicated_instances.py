# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Create, keep, adopt and remove tenants with dedicated instances and replicas."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from lab.settings import ACCOUNT_ID
from tests.support import playbooks
from tests.support.databases import RefusedError
from tests.support.dedicated_instances import (
    HERE,
    PLATFORM,
    PREFIX,
    SECRETS,
    SHARED,
    TABLE,
    THERE,
    DedicatedInstances,
    dedicated_instances,
)
from tests.support.labs import Clients
from tests.support.machines import wait_for

_ACME, _AWAY = f"{PREFIX}acme", f"{PREFIX}acme".replace(HERE, THERE)
_ENTRY = {"name": "acme", "isolation": "instance", "instance": {"replica": True, "parameters": {"max_connections": 77}}}
_LEGACY = {"name": "legacy", "isolation": "instance", "instance": {"identifier": SHARED}}


@pytest.fixture(scope="module")
def regions(databases: Clients) -> Iterator[DedicatedInstances]:
    with dedicated_instances(databases, _ACME) as found:
        yield found


def _actions(result: dict) -> list[tuple[str, str]]:
    assert not result["failed"], result["msg"]
    return [(change["action"], change["resource"]) for change in result["changes"]]


def test_four_steps_of_an_instance_with_a_replica(regions):
    announced = regions.run([_ENTRY], check=True)
    assert regions.here.state(_ACME) is None
    applied = regions.run([_ENTRY])
    assert (
        _actions(applied)
        == _actions(announced)
        == [
            ("create", f"parameter group {_ACME} in {HERE}"),
            ("create", f"subnet group {_ACME} in {HERE}"),
            ("create", f"instance {_ACME} in {HERE}"),
            ("create", f"secret {SECRETS}acme/master"),
            ("create", f"secret {SECRETS}acme/master in {THERE}"),
            ("set", f"master password of {_ACME}"),
            ("create", f"parameter group {_AWAY} in {THERE}"),
            ("create", f"subnet group {_AWAY} in {THERE}"),
            ("create", f"read replica {_AWAY} in {THERE}"),
            ("create", "tenant acme"),
        ]
    )
    assert applied["diff"] == announced["diff"]
    assert _actions(regions.run([_ENTRY], check=True)) == []
    again = regions.run([_ENTRY])
    assert _actions(again) == []
    assert again["queries"] <= 5


def test_the_instance_and_the_replica_are_ready(regions):
    primary, replica = regions.here.described(_ACME), regions.there.described(_AWAY)
    assert primary["DBInstanceStatus"] == replica["DBInstanceStatus"] == "available"
    for found, region, name in ((primary, HERE, _ACME), (replica, THERE, _AWAY)):
        assert found["StorageEncrypted"]
        assert found["KmsKeyId"] == regions.key_arn(region)
        assert [group["DBParameterGroupName"] for group in found["DBParameterGroups"]] == [name]
        assert found["DBSubnetGroup"]["DBSubnetGroupName"] == name
        assert (found["DeletionProtection"], found["PubliclyAccessible"]) == (True, False)
        assert found["BackupRetentionPeriod"] == 2
    assert replica["ReadReplicaSourceDBInstanceIdentifier"] == primary["DBInstanceArn"]
    assert regions.secret("acme/master") == regions.secret("acme/master", THERE)
    assert regions.secret("acme")["host"] == primary["Endpoint"]["Address"]


def test_the_tenant_works_in_it_and_its_parameters_are_in_force(regions):
    written = regions.query(
        _ACME,
        "acme",
        "CREATE TABLE tenantacme.kept (id INT PRIMARY KEY)",
        "INSERT INTO tenantacme.kept VALUES (1)",
        "SELECT @@max_connections, @@require_secure_transport",
    )
    assert written == [[77, 1]]

    def arrived() -> bool:
        try:
            return regions.query(_AWAY, "acme", "SELECT id FROM tenantacme.kept", region=THERE) == [[1]]
        except RefusedError:
            return False

    wait_for("the row in the other region", arrived)


def test_terraform_and_cli_commands_are_returned(regions):
    (described,) = regions.run([_ENTRY])["tenants"]
    assert (described["isolation"], described["schema"], described["master_secret"]) == (
        "instance",
        "tenantacme",
        f"{SECRETS}acme/master",
    )
    assert f'to = aws_db_instance.acme\n  id = "{_ACME}"' in described["terraform"]
    assert (
        f'provider = aws.eu_central_1\n  to = aws_db_instance.acme_eu_central_1\n  id = "{_AWAY}"'
        in described["terraform"]
    )
    command = shlex.split(described["aws_cli"][0]["modify"])
    assert command[:3] == ["aws", "rds", "modify-db-instance"]
    assert "db.t4g.small" in command


def test_drift_is_found_and_taken_back(regions):
    rds = regions.here.rds
    rds.modify_db_instance(
        DBInstanceIdentifier=_ACME,
        DBInstanceClass="db.r7g.large",
        BackupRetentionPeriod=9,
        DeletionProtection=False,
        ApplyImmediately=True,
    )
    wanted = [{"ParameterName": "max_connections", "ParameterValue": "55", "ApplyMethod": "immediate"}]
    rds.modify_db_parameter_group(DBParameterGroupName=_ACME, Parameters=wanted)
    login = regions.secret("acme/master")
    regions.here.query(
        _ACME, "GRANT PROCESS ON *.* TO tenantacme@'%'", user=login["username"], password=login["password"]
    )
    found = regions.run([_ENTRY], info=True)["tenants"]
    acme = next(item for item in found if item["name"] == "acme")
    assert [(item["action"], item["resource"]) for item in acme["drift"]] == [
        ("update", f"parameter group {_ACME} in {HERE}"),
        ("update", f"instance {_ACME} in {HERE}"),
    ]
    result = regions.run([_ENTRY])
    assert _actions(result) == [
        ("update", f"parameter group {_ACME} in {HERE}"),
        ("update", f"instance {_ACME} in {HERE}"),
        ("update", "tenant acme"),
    ]
    secrets = [regions.secret(name)["password"] for name in ("acme", "acme/master")]
    assert not [secret for secret in secrets if secret in result["output"]]
    change = result["diff"]["before"][f"instance {_ACME} in {HERE}"]
    assert change == {"DBInstanceClass": "db.r7g.large", "BackupRetentionPeriod": 9, "DeletionProtection": False}
    held = regions.here.described(_ACME)
    assert (held["DBInstanceClass"], held["BackupRetentionPeriod"]) == ("db.t4g.small", 2)
    assert _actions(regions.run([_ENTRY])) == []


def test_a_locked_tenant_can_not_log_in(regions):
    assert _actions(regions.run([_ENTRY | {"state": "locked"}])) == [("update", "tenant acme")]
    with pytest.raises(RefusedError, match="3118"):
        regions.query(_ACME, "acme", "SELECT 1")
    assert regions.here.state(_ACME) == "available"
    assert _actions(regions.run([_ENTRY])) == [("update", "tenant acme")]
    assert regions.query(_ACME, "acme", "SELECT id FROM tenantacme.kept") == [[1]]


def test_all_problems_are_reported_at_once_and_nothing_is_changed(regions):
    """The plain instance is the shared one here, and beta has a schema on it."""
    regions.here.wait(SHARED)
    made = regions.run([{"name": "beta"}], **regions.shared_options())
    assert _actions(made) == [("create", "tenant beta")]
    result = regions.run(
        [
            {"name": "fine"},
            {"name": "bound", "residency": [THERE]},
            {"name": "beta", "isolation": "instance"},
            {"name": "acme"},
            {"name": "far", "isolation": "instance", "residency": [HERE], "instance": {"replica": True}},
            {"name": "odd", "isolation": "instance", "instance": {"parameters": {"no_such": 1}}},
            {"name": "keyless", "isolation": "instance", "instance": {"kms_key": "alias/none"}},
        ],
        **regions.shared_options(),
    )
    assert result["failed"]
    for words in (
        "bound may be in eu-central-1 only, but the shared instance tests-me-west-1-database has the instance itself in me-west-1",
        "beta has a schema on",
        "acme has a dedicated instance",
        "far asks for a replica in eu-central-1",
        "no_such is no parameter of mysql8.4",
        "there is no key alias/none in me-west-1",
        "6 problems, and nothing was changed",
    ):
        assert words in result["msg"], result["msg"]
    there = {item["DBInstanceIdentifier"] for item in regions.here.rds.describe_db_instances()["DBInstances"]}
    assert there == {_ACME, SHARED}
    assert regions.here.query(SHARED, "SHOW DATABASES LIKE 'tenantfine'") == []
    twice = [{"name": "x"}, {"name": "x", "isolation": "instance", "state": "absent"}]
    refused = regions.run(twice, **regions.shared_options())["msg"]
    assert "x is stated 2 times" in refused
    assert "final_snapshot of its own" in refused


def test_all_tenants_are_described_with_five_queries_and_no_secret(regions):
    regions.here.query(
        SHARED,
        "CREATE DATABASE tenantlone",
        "GRANT SELECT ON mysql.* TO tenantbeta@'%'",
        "CREATE USER tenantgone@'%'",
    )
    result = regions.run([_ENTRY, {"name": "beta"}, {"name": "never"}], info=True, **regions.shared_options())
    assert not result["failed"], result["msg"]
    assert result["queries"] <= 5
    assert result["missing"] == ["never"]
    by_name = {item["name"]: item for item in result["tenants"]}
    assert by_name.keys() == {"beta", "lone", "gone", "acme"}
    assert by_name["beta"]["faults"] == ["rights beyond its schema"]
    assert [item["resource"] for item in by_name["beta"]["drift"]] == ["tenant beta"]
    assert by_name["lone"]["faults"] == ["schema without a user"]
    assert (by_name["gone"]["stated"], by_name["acme"]["stated"]) == (False, True)
    assert by_name["acme"]["drift"] == []
    secrets = [regions.secret(name)["password"] for name in ("acme", "acme/master", "beta")]
    assert not [secret for secret in secrets if secret in result["output"]]
    regions.here.query(SHARED, "DROP DATABASE tenantlone", "DROP USER tenantgone@'%'")


def _inventory(regions: DedicatedInstances, folder: Path, tenants: list[dict]) -> Path:
    common = {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "platform_name": PLATFORM,
        "platform_environment": "none",
        "platform_account_id": ACCOUNT_ID,
        "platform_initial_primary": HERE,
        "platform_regions": {HERE: {}, THERE: {}},
        "platform_endpoints": "{{ lookup('ansible.builtin.env', 'LAB_ENDPOINTS') | from_json }}",
        "region_record_table": TABLE,
        "database_name_prefix": PLATFORM,
        "database_addresses": regions.addresses | {HERE: regions.addresses[regions.endpoint(SHARED)]},
        "database_tls_ca": str(regions.lab.stack.settings.ca_certificate),
        "database_multi_az": False,
        "database_monitoring_interval": 0,
        "database_backup_retention_days": 2,
        "database_wait_timeout": 240,
        "database_tenants": tenants,
    }
    hosts = {name: {"aws_region": name} for name in (HERE, THERE)}
    file = folder / "hosts.yml"
    file.write_text(yaml.safe_dump({"all": {"vars": common, "children": {"regions": {"hosts": hosts}}}}))
    return file


def test_the_playbook_keeps_both_kinds(regions, tmp_path):
    """Run the playbook over tunnels, since there is no runner. It keeps the platform's settings of the instance, too."""
    tenants = [_ENTRY | {"max_connections": 7}, {"name": "beta"}, {"name": "gamma"}]
    inventory = _inventory(regions, tmp_path, tenants)

    def play(*arguments: str) -> playbooks.Ran:
        ran = playbooks.run(
            regions.lab, *arguments, playbook="playbooks/tenants.yml", inventory=inventory, administrator=True
        )
        return ran.succeeded()

    assert play("--check").changed == {HERE: 2, THERE: 0}
    assert regions.query(_ACME, "acme", "SELECT @@max_user_connections") == [[20]]
    assert play().changed == {HERE: 3, THERE: 0}, "the heartbeat of an instance with a replica, too"
    assert regions.query(_ACME, "acme", "SELECT @@max_user_connections") == [[7]]
    assert regions.here.query(SHARED, "SHOW DATABASES LIKE 'tenantgamma'") == [["tenantgamma"]]
    again = play()
    assert again.changed == {HERE: 0, THERE: 0}
    assert "aws_db_instance.acme" in again.output
    moved = _inventory(regions, tmp_path, [{"name": "gamma", "isolation": "instance"}])
    refused = playbooks.run(regions.lab, playbook="playbooks/tenants.yml", inventory=moved, administrator=True)
    assert "gamma has a schema on" in refused.output
    assert regions.here.state(f"{PREFIX}gamma") is None
    assert _actions(regions.run([_ENTRY])) == [("update", "tenant acme")], "back to twenty sessions"


def test_an_instance_that_was_created_by_hand_is_adopted_with_its_data(regions):
    regions.here.query(
        SHARED,
        "CREATE DATABASE tenantlegacy",
        "CREATE TABLE tenantlegacy.old (id INT PRIMARY KEY)",
        "INSERT INTO tenantlegacy.old VALUES (42)",
    )
    before = regions.here.described(SHARED)
    announced = regions.run([_LEGACY], check=True)
    applied = regions.run([_LEGACY])
    assert (
        _actions(applied)
        == _actions(announced)
        == [
            ("create", f"parameter group {SHARED} in {HERE}"),
            ("update", f"instance {SHARED} in {HERE}"),
            ("create", f"secret {SECRETS}legacy/master"),
            ("set", f"master password of {SHARED}"),
            ("adopt", "tenant legacy"),
        ]
    )
    after = regions.here.described(SHARED)
    assert after["DbiResourceId"] == before["DbiResourceId"]
    assert after["DBSubnetGroup"]["DBSubnetGroupName"] == before["DBSubnetGroup"]["DBSubnetGroupName"]
    assert regions.query(SHARED, "legacy", "SELECT id FROM tenantlegacy.old") == [[42]]
    assert regions.secret("legacy/master")["username"] == before["MasterUsername"]
    assert _actions(regions.run([_LEGACY])) == []
    assert regions.run([_LEGACY])["tenants"][0]["instance"]["reboot_pending"], "its new group waits for a reboot"


def test_a_removed_tenant_leaves_nothing_but_a_snapshot(regions):
    gone = {"name": "acme", "isolation": "instance", "state": "absent", "final_snapshot": "last-of-acme"}
    for entry, words in ((gone | {"protected": True}, "is protected"), (gone, "protected against deletion")):
        refused = regions.run([entry])
        assert refused["failed"]
        assert words in refused["msg"]
    wanted = gone | {"instance": {"deletion_protection": False}}
    announced = _actions(regions.run([wanted], check=True))
    for resource in (
        f"read replica {_AWAY} in {THERE}",
        f"instance {_ACME} in {HERE}",
        f"parameter group {_ACME} in {HERE}",
        f"secret {SECRETS}acme/master",
        "secret of tenant acme",
    ):
        assert ("delete", resource) in announced
    impatient = regions.run([wanted], wait_timeout=1)
    assert impatient["failed"]
    assert f"Waited 1 s, and still for the end of {_ACME} in {HERE}" in impatient["msg"]
    finished = _actions(regions.run([wanted]))
    assert set(finished) < set(announced), "it continues where the other run was cut off"
    assert [regions.here.state(_ACME), regions.there.state(_AWAY)] == [None, None]
    (snapshot,) = regions.here.rds.describe_db_snapshots(DBSnapshotIdentifier="last-of-acme")["DBSnapshots"]
    assert (snapshot["Status"], snapshot["Encrypted"]) == ("available", True)
    groups = regions.here.rds.describe_db_parameter_groups()["DBParameterGroups"]
    assert _ACME not in [group["DBParameterGroupName"] for group in groups]
    manager = regions.lab("secretsmanager", HERE)
    left = [item["Name"] for page in manager.get_paginator("list_secrets").paginate() for item in page["SecretList"]]
    assert not [name for name in left if name.startswith(f"{SECRETS}acme")]
    assert _actions(regions.run([wanted])) == []
