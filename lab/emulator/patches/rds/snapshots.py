# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A snapshot takes time, can be copied to another region with a key of that one, and is restored under the settings asked for.

The emulator has every snapshot at once, knows no CopyDBSnapshot, and restores an instance of the default settings.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_CopySnapshot.html
"""

from __future__ import annotations

import secrets

import ministack.services.rds as rds

from lab.emulator.state import databases

_INHERITED = ("DBInstanceClass", "AllocatedStorage", "StorageType", "EngineVersion", "MasterUsername", "KmsKeyId")


def _answer(action: str, snapshot: dict) -> tuple:
    inner = f"<{action}Result><DBSnapshot>{rds._snapshot_xml(snapshot)}</DBSnapshot></{action}Result>"
    return rds._xml(200, f"{action}Response", inner)


def _anywhere(identifier: str) -> dict | None:
    return rds._regional_get(rds._snapshots, identifier, "snapshot")


def _begin(snapshot: dict, origin: list[str], password: str) -> None:
    """Name the copy of the data: identifiers are used again."""
    snapshot |= {"_data": f"snap-{secrets.token_hex(8)}", "_origin": origin, "_MasterUserPassword": password}
    databases.begin(snapshot, "creating", "available", "Status")
    snapshot["PercentProgress"] = 100 if snapshot["Status"] == "available" else 0


def _taking(create):
    def create_snapshot(params):
        instance, problem = databases.found(params)
        if not problem and databases.realizable(instance):
            problem = databases.not_in(instance, ("available", "stopped"))
        if problem:
            return problem
        answered = create(params)
        if answered[0] != 200 or not databases.realizable(instance):
            return answered
        snapshot = rds._snapshots[rds._p(params, "DBSnapshotIdentifier")]
        snapshot["VpcId"] = instance["DBSubnetGroup"]["VpcId"]
        _begin(snapshot, ["instance", instance["DbiResourceId"]], instance["_MasterUserPassword"])
        return _answer("CreateDBSnapshot", snapshot)

    return create_snapshot


def _copy(params):
    named, target = (rds._p(params, f"{side}DBSnapshotIdentifier") for side in ("Source", "Target"))
    source = _anywhere(named)
    if not source:
        return databases.refusal("DBSnapshotNotFound", f"DBSnapshot not found: {named}", 404)
    if target in rds._snapshots:
        return databases.refusal("DBSnapshotAlreadyExists", f"Cannot create the snapshot {target}: it exists already.")
    if source["Status"] != "available":
        return databases.refusal("InvalidDBSnapshotState", f"The snapshot {named} is not in available state.")
    region = rds.get_region()
    cross_region = f":{region}:" not in source["DBSnapshotArn"]
    key = rds._p(params, "KmsKeyId")
    if cross_region and source["Encrypted"] and not key:
        return databases.refusal("InvalidParameterCombination", "KmsKeyId is required for a copy to another region.")
    tags = rds._parse_tags(params) or (source["TagList"] if rds._p(params, "CopyTags") == "true" else [])
    snapshot = dict(source) | {
        "DBSnapshotIdentifier": target,
        "DBSnapshotArn": f"arn:aws:rds:{region}:{rds.get_account_id()}:snapshot:{target}",
        "AvailabilityZone": source["AvailabilityZone"] if not cross_region else f"{region}a",
        "Encrypted": source["Encrypted"] or bool(key),
        "KmsKeyId": key or source["KmsKeyId"],
        "SnapshotType": "manual",
        "SourceDBSnapshotIdentifier": source["DBSnapshotArn"],
        "TagList": tags,
    }
    _begin(snapshot, ["snapshot", source["_data"]], source["_MasterUserPassword"])
    rds._snapshots[target] = snapshot
    if tags:
        rds._tags[snapshot["DBSnapshotArn"]] = tags
    return _answer("CopyDBSnapshot", snapshot)


def _restoring(restore):
    def restore_snapshot(params):
        named = rds._p(params, "DBSnapshotIdentifier")
        snapshot = _anywhere(named)
        if not snapshot or "_data" not in snapshot:
            return restore(params)
        if snapshot["Status"] != "available":
            return databases.refusal("InvalidDBSnapshotState", f"The snapshot {named} is not in available state.")
        inherited = {name: [str(snapshot[name])] for name in _INHERITED if snapshot.get(name)}
        asked = inherited | params
        asked |= {
            "Engine": [snapshot["Engine"]],
            "MasterUserPassword": [snapshot["_MasterUserPassword"]],
            "StorageEncrypted": [str(snapshot["Encrypted"]).lower()],
            "DBName": [snapshot["DBName"]],
        }
        answered = rds._ACTION_MAP["CreateDBInstance"](asked)
        if answered[0] != 200:
            return answered
        instance = rds._instances[rds._p(params, "DBInstanceIdentifier")]
        instance["_origin"] = ["snapshot", snapshot["_data"]]
        return databases.answer("RestoreDBInstanceFromDBSnapshot", instance)

    return restore_snapshot


def apply() -> None:
    actions = rds._ACTION_MAP
    actions |= {
        "CreateDBSnapshot": _taking(actions["CreateDBSnapshot"]),
        "CopyDBSnapshot": _copy,
        "RestoreDBInstanceFromDBSnapshot": _restoring(actions["RestoreDBInstanceFromDBSnapshot"]),
    }
    render = rds._snapshot_xml

    def rendered(snapshot):
        source = snapshot.get("SourceDBSnapshotIdentifier")
        shown = f"<SourceDBSnapshotIdentifier>{source}</SourceDBSnapshotIdentifier>" if source else ""
        return render(snapshot) + shown

    rds._snapshot_xml = rendered
