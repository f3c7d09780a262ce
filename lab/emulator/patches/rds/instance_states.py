# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A DB instance takes time to be created, stopped, started and deleted, and refuses what its state doesn't allow.

AWS tells no endpoint of an instance that is being created. It answers InvalidDBInstanceState where a state allows no such change,
doesn't stop what replicates, and deletes only with a final snapshot or with the word that none is wanted. The emulator jumps to the
final state, whatever the one before, and comes back from a restart with every instance available.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html
"""

from __future__ import annotations

import re

import ministack.services.rds as rds

from lab.emulator.state import databases

_DELETABLE = ("available", "stopped", "failed", "creating")


def _creating(create):
    def create_instance(params):
        answered = create(params)
        instance = rds._instances.get(rds._p(params, "DBInstanceIdentifier"))
        if answered[0] != 200 or not databases.realizable(instance):
            return answered
        databases.begin(instance, "creating", "available")
        return databases.answer("CreateDBInstance", instance)

    return create_instance


def _deletion_problem(instance, params):
    problem = databases.not_in(instance, _DELETABLE)
    if problem:
        return problem
    if instance.get("DeletionProtection"):
        message = "Cannot delete protected DB Instance, please disable deletion protection and try again."
        return databases.refusal("InvalidParameterCombination", message)
    skipped, named = rds._p(params, "SkipFinalSnapshot") == "true", rds._p(params, "FinalDBSnapshotIdentifier")
    if skipped == bool(named):
        message = "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified, and excludes it."
        return databases.refusal("InvalidParameterCombination", message)
    if named and instance.get("ReadReplicaSourceDBInstanceIdentifier"):
        return databases.refusal("InvalidParameterCombination", "Cannot create a final snapshot of a read replica.")
    return None


def _deleting(delete):
    def delete_instance(params):
        instance, problem = databases.found(params)
        if problem or not databases.realizable(instance):
            return problem or delete(params)
        problem = _deletion_problem(instance, params)
        if problem:
            return problem
        if final := rds._p(params, "FinalDBSnapshotIdentifier"):
            taken = {"DBSnapshotIdentifier": [final], "DBInstanceIdentifier": [instance["DBInstanceIdentifier"]]}
            answered = rds._ACTION_MAP["CreateDBSnapshot"](taken)
            if answered[0] != 200:
                return answered
        instance["DBInstanceStatus"] = "deleting"
        if not databases.Reconciler.attached:
            databases.forget(instance)
        return databases.answer("DeleteDBInstance", instance)

    return delete_instance


def _stop(params):
    instance, problem = databases.found(params)
    if problem := problem or databases.not_in(instance, ("available",)):
        return problem
    if instance.get("ReadReplicaSourceDBInstanceIdentifier") or instance.get("ReadReplicaDBInstanceIdentifiers"):
        message = "A DB instance that has a read replica, or is one, can't be stopped."
        return databases.refusal("InvalidDBInstanceState", message)
    databases.begin(instance, "stopping", "stopped")
    return databases.answer("StopDBInstance", instance)


def _start(params):
    instance, problem = databases.found(params)
    if problem := problem or databases.not_in(instance, ("stopped",)):
        return problem
    databases.begin(instance, "starting", "available")
    return databases.answer("StartDBInstance", instance)


def _reboot(params):
    instance, problem = databases.found(params)
    if problem := problem or databases.not_in(instance, ("available",)):
        return problem
    instance["_reboots"] = instance.get("_reboots", 0) + 1
    databases.begin(instance, "rebooting", "available")
    return databases.answer("RebootDBInstance", instance)


def _kept_over_a_restart(load):
    """Read the states from what the emulator saved: when it comes back it calls every instance `creating`, then `available`."""

    def load_state(data):
        saved = {}
        if data:
            saved = {key: item["DBInstanceStatus"] for key, item in data.get("instances", {})._data.items()}
        load(data)
        for key, status in saved.items():
            if databases.realizable(rds._instances._data[key]):
                rds._instances._data[key]["DBInstanceStatus"] = status

    return load_state


def _without_endpoint(render):
    """Leave the endpoint out as long as the instance is created."""

    def rendered(instance):
        fields = render(instance)
        if instance["DBInstanceStatus"] != "creating":
            return fields
        return re.sub(r"<Endpoint>.*?</Endpoint>", "", fields, flags=re.DOTALL)

    return rendered


def apply() -> None:
    actions = rds._ACTION_MAP
    actions |= {
        "CreateDBInstance": _creating(actions["CreateDBInstance"]),
        "DeleteDBInstance": _deleting(actions["DeleteDBInstance"]),
        "StopDBInstance": _stop,
        "StartDBInstance": _start,
        "RebootDBInstance": _reboot,
    }
    rds._instance_xml = _without_endpoint(rds._instance_xml)
    respawn = rds._start_rds_container_for_instance
    rds._start_rds_container_for_instance = lambda db_id, instance: (
        None if databases.realizable(instance) else respawn(db_id, instance)
    )
    rds.load_persisted_state = _kept_over_a_restart(rds.load_persisted_state)
