# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import datetime

from tests.support.answers import error_code
from tests.support.machines import wait_for


def aws_behaviour(clients) -> bool:
    """An instance is restored as it was at a second that its backups reach, here and in the region they are replicated to."""
    here, there = clients("rds"), clients("rds", "eu-central-1")
    for name, days in (("kept", 7), ("bare", 0)):
        here.create_db_instance(
            DBInstanceIdentifier=name,
            DBInstanceClass="db.t4g.large",
            Engine="mysql",
            AllocatedStorage=20,
            MasterUsername="admin",
            MasterUserPassword="unused-password",
            StorageEncrypted=True,
            DeletionProtection=True,
            BackupRetentionPeriod=days,
        )
    asked = {"SourceDBInstanceIdentifier": "kept", "TargetDBInstanceIdentifier": "beside"}
    latest = {"UseLatestRestorableTime": True}
    refusals = (
        error_code(here.restore_db_instance_to_point_in_time, **asked),
        error_code(here.restore_db_instance_to_point_in_time, **asked | {"RestoreTime": datetime.datetime(2020, 1, 1)}),
        error_code(
            here.restore_db_instance_to_point_in_time, **asked | latest | {"SourceDBInstanceIdentifier": "bare"}
        ),
    )
    if refusals != ("InvalidParameterCombination", "InvalidParameterValue", "PointInTimeRestoreNotEnabled"):
        return False
    source = here.describe_db_instances(DBInstanceIdentifier="kept")["DBInstances"][0]
    there.start_db_instance_automated_backups_replication(
        SourceDBInstanceArn=source["DBInstanceArn"], KmsKeyId="alias/aws/rds"
    )
    window = wait_for("the first log", lambda: _window(here) and _window(there))
    here.restore_db_instance_to_point_in_time(**asked | latest, DBInstanceClass="db.t4g.small")
    again = error_code(here.restore_db_instance_to_point_in_time, **asked | latest)
    there.restore_db_instance_to_point_in_time(
        SourceDBInstanceAutomatedBackupsArn=window["DBInstanceAutomatedBackupsArn"],
        TargetDBInstanceIdentifier="abroad",
        RestoreTime=window["RestoreWindow"]["LatestTime"],
    )
    beside = here.describe_db_instances(DBInstanceIdentifier="beside")["DBInstances"][0]
    abroad = there.describe_db_instances(DBInstanceIdentifier="abroad")["DBInstances"][0]
    bare = here.describe_db_instances(DBInstanceIdentifier="bare")["DBInstances"][0]
    return (
        again == "DBInstanceAlreadyExists"
        and [beside["DBInstanceClass"], abroad["DBInstanceClass"]] == ["db.t4g.small", "db.t4g.large"]
        and not beside["DeletionProtection"]
        and beside["StorageEncrypted"]
        and abroad["MasterUsername"] == "admin"
        and abroad["DBInstanceArn"].split(":")[3] == "eu-central-1"
        and "LatestRestorableTime" not in bare
    )


def _window(client) -> dict | None:
    (found,) = client.describe_db_instance_automated_backups(DBInstanceIdentifier="kept")["DBInstanceAutomatedBackups"]
    return found if "RestoreWindow" in found else None


def test_rds_point_in_time_restores(patched_only):
    patched_only("rds.point_in_time_restores", aws_behaviour)
