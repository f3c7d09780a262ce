# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code


def aws_behaviour(clients) -> bool:
    """A replica in another region takes an ARN, a key of its region and a source with backups; promoted, it has no source."""
    here, there = clients("rds"), clients("rds", "eu-central-1")
    here.create_db_instance(
        DBInstanceIdentifier="source",
        DBInstanceClass="db.t4g.micro",
        Engine="mysql",
        AllocatedStorage=20,
        MasterUsername="admin",
        MasterUserPassword="unused-password",
        StorageEncrypted=True,
        BackupRetentionPeriod=0,
    )
    arn = here.describe_db_instances(DBInstanceIdentifier="source")["DBInstances"][0]["DBInstanceArn"]
    asked = {"DBInstanceIdentifier": "replica", "SourceDBInstanceIdentifier": arn}
    create = there.create_db_instance_read_replica
    without_backups = error_code(create, KmsKeyId="alias/aws/rds", **asked) == "InvalidDBInstanceState"
    here.modify_db_instance(DBInstanceIdentifier="source", BackupRetentionPeriod=1, ApplyImmediately=True)
    without_key = error_code(create, **asked) == "InvalidParameterCombination"
    if not (without_backups and without_key):
        return False
    create(KmsKeyId="alias/aws/rds", **asked)
    replica = there.describe_db_instances(DBInstanceIdentifier="replica")["DBInstances"][0]
    source = here.describe_db_instances(DBInstanceIdentifier="source")["DBInstances"][0]
    joined = (
        replica["ReadReplicaSourceDBInstanceIdentifier"] == arn
        and source["ReadReplicaDBInstanceIdentifiers"] == [replica["DBInstanceArn"]]
        and replica["BackupRetentionPeriod"] == 0
    )
    there.promote_read_replica(DBInstanceIdentifier="replica", BackupRetentionPeriod=7)
    promoted = there.describe_db_instances(DBInstanceIdentifier="replica")["DBInstances"][0]
    source = here.describe_db_instances(DBInstanceIdentifier="source")["DBInstances"][0]
    parted = (
        not promoted.get("ReadReplicaSourceDBInstanceIdentifier") and not source["ReadReplicaDBInstanceIdentifiers"]
    )
    return joined and parted and promoted["BackupRetentionPeriod"] == 7


def test_rds_read_replicas(patched_only):
    patched_only("rds.read_replicas", aws_behaviour)
