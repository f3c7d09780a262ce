# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code

_ASKED = {
    "DBInstanceIdentifier": "attributes",
    "DBInstanceClass": "db.t4g.micro",
    "Engine": "mysql",
    "AllocatedStorage": 20,
    "StorageType": "gp3",
    "MasterUsername": "admin",
    "MasterUserPassword": "unused-password",
    "StorageEncrypted": True,
    "PreferredBackupWindow": "01:00-01:30",
}


def aws_behaviour(clients) -> bool:
    """A key is shown by its ARN, an unknown one refused, gp3 has its baseline, and no schema is there unasked."""
    rds, kms = clients("rds"), clients("kms")
    key = kms.create_key()["KeyMetadata"]
    kms.create_alias(AliasName="alias/attributes", TargetKeyId=key["KeyId"])
    refused = error_code(rds.create_db_instance, KmsKeyId="alias/none", **_ASKED) == "KMSKeyNotAccessibleFault"
    if not refused:
        return False
    rds.create_db_instance(KmsKeyId="alias/attributes", **_ASKED)
    rds.modify_db_instance(DBInstanceIdentifier="attributes", EnablePerformanceInsights=True, ApplyImmediately=True)
    shown = rds.describe_db_instances(DBInstanceIdentifier="attributes")["DBInstances"][0]
    return (
        shown["KmsKeyId"] == key["Arn"]
        and shown["PreferredBackupWindow"] == "01:00-01:30"
        and (shown["Iops"], shown["StorageThroughput"]) == (3000, 125)
        and shown["PerformanceInsightsEnabled"]
        and not shown.get("DBName")
    )


def test_rds_instance_attributes(patched_only):
    patched_only("rds.instance_attributes", aws_behaviour)
