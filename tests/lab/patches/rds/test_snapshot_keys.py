# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code


def aws_behaviour(clients) -> bool:
    """A snapshot can't be restored while its key waits for its deletion, and can once that is cancelled."""
    rds, kms = clients("rds"), clients("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    rds.create_db_instance(
        DBInstanceIdentifier="keyed",
        DBInstanceClass="db.t4g.micro",
        Engine="mysql",
        AllocatedStorage=20,
        MasterUsername="admin",
        MasterUserPassword="unused-password",
        StorageEncrypted=True,
        KmsKeyId=key,
    )
    rds.create_db_snapshot(DBSnapshotIdentifier="keyed", DBInstanceIdentifier="keyed")
    restore = {"DBInstanceIdentifier": "restored", "DBSnapshotIdentifier": "keyed"}
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    refused = error_code(rds.restore_db_instance_from_db_snapshot, **restore) == "KMSKeyNotAccessibleFault"
    kms.cancel_key_deletion(KeyId=key)
    kms.enable_key(KeyId=key)
    return refused and error_code(rds.restore_db_instance_from_db_snapshot, **restore) is None


def test_rds_snapshot_keys(patched_only):
    patched_only("rds.snapshot_keys", aws_behaviour)
