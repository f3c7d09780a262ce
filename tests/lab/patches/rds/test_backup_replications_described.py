# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations


def aws_behaviour(clients) -> bool:
    """An instance names the copies of its automated backups while they are made, and no longer."""
    here, there = clients("rds"), clients("rds", "eu-central-1")
    here.create_db_instance(
        DBInstanceIdentifier="copied",
        DBInstanceClass="db.t4g.micro",
        Engine="mysql",
        AllocatedStorage=20,
        MasterUsername="admin",
        MasterUserPassword="unused-password",
        BackupRetentionPeriod=1,
    )

    def described() -> dict:
        return here.describe_db_instances(DBInstanceIdentifier="copied")["DBInstances"][0]

    arn = described()["DBInstanceArn"]
    started = there.start_db_instance_automated_backups_replication(SourceDBInstanceArn=arn)
    copy = started["DBInstanceAutomatedBackup"]["DBInstanceAutomatedBackupsArn"]
    during = described().get("DBInstanceAutomatedBackupsReplications", [])
    there.stop_db_instance_automated_backups_replication(SourceDBInstanceArn=arn)
    after = described().get("DBInstanceAutomatedBackupsReplications", [])
    return ":eu-central-1:" in copy and during == [{"DBInstanceAutomatedBackupsArn": copy}] and not after


def test_rds_backup_replications_described(patched_only):
    patched_only("rds.backup_replications_described", aws_behaviour)
