# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code


def aws_behaviour(clients) -> bool:
    """A snapshot is copied to another region under a key of that region, and restored under the settings asked for."""
    here, there = clients("rds"), clients("rds", "eu-central-1")
    here.create_db_instance(
        DBInstanceIdentifier="taken",
        DBInstanceClass="db.t4g.micro",
        Engine="mysql",
        AllocatedStorage=20,
        MasterUsername="admin",
        MasterUserPassword="unused-password",
        StorageEncrypted=True,
    )
    here.create_db_snapshot(DBSnapshotIdentifier="taken", DBInstanceIdentifier="taken")
    arn = here.describe_db_snapshots(DBSnapshotIdentifier="taken")["DBSnapshots"][0]["DBSnapshotArn"]
    asked = {"SourceDBSnapshotIdentifier": arn, "TargetDBSnapshotIdentifier": "copied"}
    if error_code(there.copy_db_snapshot, **asked) != "InvalidParameterCombination":
        return False
    there.copy_db_snapshot(KmsKeyId="alias/aws/rds", **asked)
    again = error_code(there.copy_db_snapshot, KmsKeyId="alias/aws/rds", **asked) == "DBSnapshotAlreadyExists"
    copied = there.describe_db_snapshots(DBSnapshotIdentifier="copied")["DBSnapshots"][0]
    there.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier="restored",
        DBSnapshotIdentifier="copied",
        DBInstanceClass="db.t4g.large",
        DeletionProtection=True,
    )
    restored = there.describe_db_instances(DBInstanceIdentifier="restored")["DBInstances"][0]
    return (
        again
        and copied["SourceDBSnapshotIdentifier"] == arn
        and copied["Encrypted"]
        and restored["DBInstanceClass"] == "db.t4g.large"
        and restored["DeletionProtection"]
        and restored["StorageEncrypted"]
        and restored["MasterUsername"] == "admin"
    )


def test_rds_snapshots(patched_only):
    patched_only("rds.snapshots", aws_behaviour)
