# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Plan the changes of a tenant's dedicated instance, their order, and what waits for what."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.model import (
    ParameterGroup,
    State,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.plan import (
    is_ready,
    kept,
    plan,
    waits,
)

from tests.support.tenant_instances import (
    AWAY,
    HOME,
    KEYS,
    STANDBY,
    TYPES,
    instance,
    master_state,
    settled_state,
    wanted,
    with_instance,
    with_values,
)

_NAME, _AWAY_NAME = "kc-me-west-1-database-acme", "kc-eu-central-1-database-acme"


def _told(steps) -> list[tuple[str, str]]:
    return [(step.action, step.resource) for step in steps]


def _empty() -> State:
    return State(types=TYPES, keys=KEYS)


def test_what_is_as_wanted_needs_nothing():
    for entry in (wanted(), wanted(own={"replica": True})):
        state = settled_state(entry)
        assert plan([entry], state) == []
        assert waits([entry], state) == []


def test_a_new_tenant_gets_groups_instance_secret_and_replica_in_this_order():
    entry = wanted(own={"replica": True})
    assert _told(plan([entry], _empty())) == [
        ("create", f"parameter group {_NAME} in {HOME}"),
        ("create", f"subnet group {_NAME} in {HOME}"),
        ("create", f"instance {_NAME} in {HOME}"),
        ("create", "secret tenants/acme/master"),
        ("create", f"secret tenants/acme/master in {AWAY}"),
        ("set", f"master password of {_NAME}"),
        ("create", f"parameter group {_AWAY_NAME} in {AWAY}"),
        ("create", f"subnet group {_AWAY_NAME} in {AWAY}"),
        ("create", f"read replica {_AWAY_NAME} in {AWAY}"),
    ]


def test_only_what_needs_no_instance_is_begun_before_it_is_there():
    entry = wanted(own={"replica": True})
    steps = plan([entry], _empty())
    begun = [step.kind for step in steps if is_ready(step, _empty())]
    assert begun == ["parameter group", "subnet group", "instance", "parameter group", "subnet group"]
    creating = with_instance(settled_state(entry, masters={}), replace(instance(entry), status="creating"))
    creating = replace(creating, instances={entry.at.key: creating.at(entry.at)})
    left = plan([entry], creating)
    assert [step.kind for step in left] == ["master", "master", "master", "read replica"]
    assert not [step for step in left if is_ready(step, creating)]
    assert waits([entry], creating) == [f"{_NAME} in {HOME} of acme (creating)"]
    there = with_instance(creating, instance(entry))
    assert all(is_ready(step, there) for step in plan([entry], there))


def test_a_new_instance_is_encrypted_private_and_protected_and_no_password_is_in_the_plan():
    (created,) = [step for step in plan([wanted()], _empty()) if step.kind == "instance"]
    asked = created.data.details
    assert asked["StorageEncrypted"] is True
    assert asked["KmsKeyId"] == "arn:home-key"
    assert asked["PubliclyAccessible"] is False
    assert asked["DeletionProtection"] is True
    assert asked["DBParameterGroupName"] == asked["DBSubnetGroupName"] == _NAME
    assert not [name for name in asked if "Password" in name]
    assert created.after == asked


def test_a_replica_has_the_key_and_the_groups_of_its_region_and_gets_its_backups_once_it_is_there():
    entry = wanted(own={"replica": True})
    state = settled_state(entry)
    alone = replace(state, instances={entry.at.key: replace(state.at(entry.at), replicas=())})
    (created,) = plan([entry], alone)
    assert created.data.details["KmsKeyId"] == "arn:away-key"
    assert created.data.details["DBParameterGroupName"] == created.data.details["DBSubnetGroupName"] == _AWAY_NAME
    assert created.data.details["VpcSecurityGroupIds"] == ["sg-9"]
    assert "BackupRetentionPeriod" not in created.data.details
    fresh = with_instance(state, with_values(state.at(entry.replica), BackupRetentionPeriod=0))
    (update,) = plan([entry], fresh)
    assert (update.action, update.data.details) == ("update", {"BackupRetentionPeriod": 7})


def test_a_replica_is_backed_up_at_another_hour():
    """RDS promotes no replica meanwhile."""
    standby = STANDBY | {"backup_window": "04:00-04:30"}
    entry = wanted(own={"replica": True, "backup_window": "01:00-01:30"}, standby=standby)
    state = settled_state(entry)
    windows = [state.at(place).values["PreferredBackupWindow"] for place in entry.places]
    assert windows == ["01:00-01:30", "04:00-04:30"]
    (step,) = plan(
        [entry], with_instance(state, with_values(state.at(entry.replica), PreferredBackupWindow="01:00-01:30"))
    )
    assert step.after == {"PreferredBackupWindow": "04:00-04:30"}


@pytest.mark.parametrize(
    ("name", "drifted"),
    [
        ("DBInstanceClass", "db.r7g.large"),
        ("BackupRetentionPeriod", 1),
        ("MultiAZ", False),
        ("DeletionProtection", False),
        ("PubliclyAccessible", True),
        ("VpcSecurityGroupIds", ["sg-other"]),
    ],
)
def test_drift_is_one_modification_of_what_differs(name, drifted):
    entry = wanted()
    state = settled_state(entry)
    held = state.at(entry.at)
    (step,) = plan([entry], with_instance(state, with_values(held, **{name: drifted})))
    assert (step.action, step.before, step.after) == ("update", {name: drifted}, {name: held.values[name]})


def test_storage_that_grew_is_left_and_growth_is_asked_for():
    entry = wanted(own={"storage_max_gib": 100})
    state = settled_state(entry)
    grown = with_values(state.at(entry.at), AllocatedStorage=60, MaxAllocatedStorage=100)
    assert plan([entry], with_instance(state, grown)) == []
    larger = wanted(own={"storage_gib": 80, "storage_max_gib": 100})
    (step,) = plan([larger], with_instance(state, grown))
    assert step.after == {"AllocatedStorage": 80}


def test_what_is_stated_nowhere_stays_as_it_is_found():
    bare = dict.fromkeys(("instance_class", "storage_gib", "backup_retention_days", "multi_az", "security_groups"))
    entry = wanted(defaults=bare)
    found = with_values(instance(wanted()), DBInstanceClass="db.m7g.4xlarge", AllocatedStorage=900, MultiAZ=False)
    assert plan([entry], with_instance(settled_state(wanted()), found)) == []


def test_an_instance_that_is_backed_up_gets_no_replica_and_is_not_waited_for():
    """RDS refuses both a replica and a change meanwhile, and backs each new instance up before it is available."""
    entry = wanted(own={"replica": True})
    state = settled_state(entry)
    state = replace(state, instances={entry.at.key: replace(instance(entry), status="backing-up")})
    (replica,) = plan([entry], state)
    assert (replica.kind, is_ready(replica, state)) == ("read replica", False)
    assert waits([entry], state) == []
    change = plan([wanted(own={"multi_az": False})], state)[0]
    assert (change.kind, is_ready(change, state)) == ("instance", False)


@pytest.mark.parametrize(("held", "asked"), [(900, 1000), (910, None), (999, None), (1000, 1000), (1200, 1200)])
def test_a_limit_that_rds_would_refuse_by_now_is_not_asked_for(held, asked):
    entry = wanted(own={"storage_max_gib": 1000})
    found = kept(entry, entry.at, with_values(instance(entry), AllocatedStorage=held))
    assert found.get("MaxAllocatedStorage") == asked


def test_parameters_are_compared_by_their_meaning_and_only_those_that_differ_are_set():
    entry = wanted(own={"parameters": {"gtid-mode": "ON"}})
    state = settled_state(entry)
    held = {"max_connections": "50", "gtid-mode": "on", "require_secure_transport": "ON", "wait_timeout": "60"}
    held |= {"performance_schema": "1", "log_bin_trust_function_creators": "1"}
    state = replace(state, parameter_groups={entry.at.key: ParameterGroup("mysql8.4", held)})
    (step,) = plan([entry], state)
    assert (step.action, step.before, step.after) == ("update", {"max_connections": "50"}, {"max_connections": "100"})
    (step,) = plan([replace(entry, purge_parameters=True)], state)
    assert step.after == {"max_connections": "100", "wait_timeout": None}


@pytest.mark.parametrize(("group", "alone"), [("default.mysql8.4", True), ("theirs", False)])
def test_an_instance_without_a_group_of_its_own_gets_one(group, alone):
    entry = wanted()
    state = settled_state(entry, parameter_groups={})
    state = with_instance(state, with_values(instance(entry), DBParameterGroupName=group))
    if not alone:
        other = wanted("other")
        state = with_instance(state, with_values(instance(other), DBParameterGroupName=group))
    steps = plan([entry], state)
    assert _told(steps)[0] == ("create", f"parameter group {_NAME} in {HOME}")
    assert steps[1].after == {"DBParameterGroupName": _NAME}


def test_the_groups_that_an_adopted_instance_has_for_itself_are_kept():
    entry = wanted()
    found = replace(with_values(instance(entry), DBParameterGroupName="theirs"), subnet_group="theirs")
    groups = {(HOME, "theirs"): ParameterGroup("mysql8.4", {"require_secure_transport": "1"})}
    state = with_instance(settled_state(entry, parameter_groups=groups, subnet_groups={}), found)
    (step,) = plan([entry], state)
    assert (step.action, step.resource) == ("update", f"parameter group theirs in {HOME}")


def test_a_master_password_that_is_nobodys_is_set_under_the_name_that_the_instance_has():
    entry = wanted()
    found = replace(instance(entry), master_username="root")
    state = with_instance(settled_state(entry, masters={"acme": master_state(applied=None)}), found)
    (step,) = plan([entry], state)
    assert (step.action, step.kind, step.data.after) == ("set", "master", "available")


def test_tags_are_added_and_those_of_others_left():
    entry = wanted()
    found = replace(instance(entry), tags={"owner": "them"})
    (step,) = plan([entry], with_instance(settled_state(entry), found))
    assert (step.kind, step.after) == ("tags", {"tier": "database"})


def _removed(**other):
    return wanted(state="absent", final_snapshot="last", own={"deletion_protection": False, "replica": True} | other)


def test_removal_takes_the_protection_back_and_keeps_a_last_snapshot_of_the_instance_alone():
    entry = _removed()
    state = settled_state(wanted(own={"replica": True}))
    steps = plan([entry], state)
    assert _told(steps) == [
        ("update", f"instance {_AWAY_NAME} in {AWAY}"),
        ("delete", f"read replica {_AWAY_NAME} in {AWAY}"),
        ("delete", f"parameter group {_AWAY_NAME} in {AWAY}"),
        ("delete", f"subnet group {_AWAY_NAME} in {AWAY}"),
        ("update", f"instance {_NAME} in {HOME}"),
        ("delete", f"instance {_NAME} in {HOME}"),
        ("delete", f"parameter group {_NAME} in {HOME}"),
        ("delete", f"subnet group {_NAME} in {HOME}"),
        ("delete", f"secret tenants/acme/master in {AWAY}"),
        ("delete", "secret tenants/acme/master"),
        ("delete", "secret of tenant acme"),
    ]
    assert [
        step.data.details["final_snapshot"]
        for step in steps
        if step.action == "delete" and "snapshot" in str(step.data.details)
    ] == [
        None,
        "last",
    ]
    assert [step.action for step in steps if is_ready(step, state)] == ["update", "update"], "it is protected still"


def test_the_instance_goes_after_its_replica_and_the_rest_after_the_instance():
    entry = _removed()
    state = settled_state(wanted(own={"replica": True}))
    bare = with_values(state.at(entry.at), DeletionProtection=False)
    open_ = with_instance(with_instance(state, bare), with_values(state.at(entry.replica), DeletionProtection=False))
    ready = [step.resource for step in plan([entry], open_) if is_ready(step, open_)]
    assert ready == [f"read replica {_AWAY_NAME} in {AWAY}"]
    alone = replace(open_, instances={entry.at.key: replace(bare, replicas=())})
    ready = [step.resource for step in plan([entry], alone) if is_ready(step, alone) and step.data.place == entry.at]
    assert ready == [f"instance {_NAME} in {HOME}"]
    going = replace(alone, instances={entry.at.key: replace(bare, replicas=(), status="deleting")})
    assert "delete" not in [step.action for step in plan([entry], going) if step.kind == "instance"]
    assert waits([entry], going) == [f"the end of {_NAME} in {HOME} (deleting)"]
    gone = replace(alone, instances={})
    assert all(is_ready(step, gone) for step in plan([entry], gone))


def test_a_last_snapshot_is_waited_for():
    entry = _removed()
    assert waits([entry], State(snapshots={"last": "creating"})) == ["the snapshot last of acme (creating)"]
    assert waits([entry], State(snapshots={"last": "available"})) == []
    assert plan([entry], State()) == []
