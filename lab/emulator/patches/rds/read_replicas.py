# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A read replica can be in another region than its source, and is promoted to an instance of its own.

AWS names a source of another region by its ARN, demands backups of the source, and a key of the replica's region where the source
is encrypted; a replica begins without backups, and promotion reboots it. While it is promoted its status is `modifying` and it
still names its source; asked again meanwhile, or while it is backed up, AWS answers InvalidDBInstanceState. The emulator refuses
ARNs of other regions as too long and knows no PromoteReadReplica.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReadRepl.XRgn.html
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_PromoteReadReplica.html
"""

from __future__ import annotations

import ministack.services.rds as rds

from lab.emulator.state import databases

# What a replica takes from its source where the request doesn't say otherwise.
_INHERITED = ("DBInstanceClass", "AllocatedStorage", "StorageType", "EngineVersion", "MasterUsername")
_LOCAL = ("DBSubnetGroupName", "DBParameterGroupName", "KmsKeyId")


def _local(source: dict) -> dict:
    """Return what else it takes from a source of its own region."""
    group, (parameters, *_more) = source["DBSubnetGroup"], source["DBParameterGroups"]
    return {
        "DBSubnetGroupName": group["DBSubnetGroupName"] if group["DBSubnetGroupName"] in rds._subnet_groups else "",
        "DBParameterGroupName": parameters["DBParameterGroupName"],
        "KmsKeyId": source["KmsKeyId"],
    }


def _problem(params: dict, source: dict, cross_region: bool) -> tuple | None:
    if problem := databases.not_in(source, ("available", "storage-optimization", "modifying")):
        return problem
    if not source["BackupRetentionPeriod"]:
        message = (
            "Automated backups are not enabled for this database instance. To enable automated backups, "
            "use ModifyDBInstance to set the backup retention period to a non-zero value."
        )
        return databases.refusal("InvalidDBInstanceState", message)
    if cross_region and source["StorageEncrypted"] and not rds._p(params, "KmsKeyId"):
        return databases.refusal("InvalidParameterCombination", "KmsKeyId is required for a copy to another region.")
    return None


def _create(params):
    named = rds._p(params, "SourceDBInstanceIdentifier")
    source = databases.anywhere(named)
    if not source:
        return databases.refusal("DBInstanceNotFound", f"DBInstance {named} not found.", 404)
    cross_region = f":{rds.get_region()}:" not in source["DBInstanceArn"]
    problem = _problem(params, source, cross_region)
    if problem:
        return problem
    inherited = {name: str(source[name]) for name in _INHERITED} | ({} if cross_region else _local(source))
    asked = {name: [value] for name, value in inherited.items() if value} | params
    asked |= {
        "Engine": [source["Engine"]],
        "MasterUserPassword": [source["_MasterUserPassword"]],
        "StorageEncrypted": [str(source["StorageEncrypted"]).lower()],
        "DBName": [source["DBName"]],
    }
    answered = rds._ACTION_MAP["CreateDBInstance"](asked)
    if answered[0] != 200:
        return answered
    replica = rds._instances[rds._p(params, "DBInstanceIdentifier")]
    replica |= {
        "BackupRetentionPeriod": 0,
        "ReadReplicaSourceDBInstanceIdentifier": source["DBInstanceArn" if cross_region else "DBInstanceIdentifier"],
        "_source": source["DbiResourceId"],
        "_origin": ["instance", source["DbiResourceId"]],
    }
    listed = replica["DBInstanceArn" if cross_region else "DBInstanceIdentifier"]
    source["ReadReplicaDBInstanceIdentifiers"] = [*source["ReadReplicaDBInstanceIdentifiers"], listed]
    return databases.answer("CreateDBInstanceReadReplica", replica)


def _part(replica: dict) -> None:
    """Part a replica that is promoted or gone from its source."""
    source = databases.anywhere(replica.get("ReadReplicaSourceDBInstanceIdentifier") or "-")
    if source:
        names = (replica["DBInstanceArn"], replica["DBInstanceIdentifier"])
        remaining = [name for name in source["ReadReplicaDBInstanceIdentifiers"] if name not in names]
        source["ReadReplicaDBInstanceIdentifiers"] = remaining


def _promote(params):
    replica, problem = databases.found(params)
    if problem := problem or databases.not_in(replica, ("available",)):
        return problem
    if not replica.get("ReadReplicaSourceDBInstanceIdentifier"):
        message = f"DB Instance {replica['DBInstanceIdentifier']} is not a read replica."
        return databases.refusal("InvalidDBInstanceState", message)
    replica |= {
        "BackupRetentionPeriod": int(rds._p(params, "BackupRetentionPeriod") or replica["BackupRetentionPeriod"] or 1),
        "PreferredBackupWindow": rds._p(params, "PreferredBackupWindow") or replica["PreferredBackupWindow"],
        "_source": "",
        "_reboots": replica.get("_reboots", 0) + 1,
    }
    databases.begin(replica, "modifying", "available")
    if not databases.Reconciler.attached:
        _promoted(replica)
    return databases.answer("PromoteReadReplica", replica)


def _promoted(instance: dict) -> None:
    """End a promotion: until then the replica names its source."""
    if instance.get("ReadReplicaSourceDBInstanceIdentifier") and not instance.get("_source"):
        _part(instance)
        instance["ReadReplicaSourceDBInstanceIdentifier"] = ""


def apply() -> None:
    rds._ACTION_MAP |= {"CreateDBInstanceReadReplica": _create, "PromoteReadReplica": _promote}
    databases.RELEASES.append(_part)
    databases.ARRIVALS.append(_promoted)
