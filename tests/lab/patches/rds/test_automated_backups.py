# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code


def aws_behaviour(clients) -> bool:
    """Backups are replicated to another region under a key of that one, once, and retained when that stops."""
    here, there = clients("rds"), clients("rds", "eu-central-1")
    here.create_db_instance(
        DBInstanceIdentifier="backed-up",
        DBInstanceClass="db.t4g.micro",
        Engine="mysql",
        AllocatedStorage=20,
        MasterUsername="admin",
        MasterUserPassword="unused-password",
        StorageEncrypted=True,
        BackupRetentionPeriod=1,
    )
    arn = here.describe_db_instances(DBInstanceIdentifier="backed-up")["DBInstances"][0]["DBInstanceArn"]
    start, stop = (getattr(there, f"{verb}_db_instance_automated_backups_replication") for verb in ("start", "stop"))
    if error_code(start, SourceDBInstanceArn=arn) != "InvalidParameterCombination":
        return False
    start(SourceDBInstanceArn=arn, KmsKeyId="alias/aws/rds", BackupRetentionPeriod=3)
    twice = error_code(start, SourceDBInstanceArn=arn, KmsKeyId="alias/aws/rds") == "InvalidDBInstanceState"

    def seen() -> list[tuple[str, int]]:
        backups = there.describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"]
        return [(item["Status"], item["BackupRetentionPeriod"]) for item in backups if item["DBInstanceArn"] == arn]

    running = seen()
    stop(SourceDBInstanceArn=arn)
    return twice and running == [("replicating", 3)] and seen() == [("retained", 3)]


def test_rds_automated_backups(patched_only):
    patched_only("rds.automated_backups", aws_behaviour)
