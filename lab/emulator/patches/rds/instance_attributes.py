# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What was asked for is what is described: the key by its ARN, windows, gp3's throughput, insights, and no schema unasked.

AWS resolves an alias of a key and refuses an unknown one, gives gp3 volumes their baseline, and creates no schema unasked. The
emulator repeats the alias, describes no IOPS, names a schema `mydb`, and drops the backup window and later words on insights.
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html
"""

from __future__ import annotations

import ministack.services.kms as kms
import ministack.services.rds as rds

from lab.emulator.state import databases

_GP3 = {"Iops": 3000, "StorageThroughput": 125}
_AWS_KEY = "alias/aws/rds"


def _key_arn(params: dict) -> tuple[str, tuple | None]:
    named = rds._p(params, "KmsKeyId")
    if not named or named.startswith(_AWS_KEY):
        return named, None
    key = kms._resolve_key(named)
    if not key or key["KeyState"] != "Enabled":
        message = f"The specified KMS key [{named}] does not exist, is not enabled or you do not have permissions to access it."
        return "", databases.refusal("KMSKeyNotAccessibleFault", message)
    return key["Arn"], None


def _take_over(instance: dict, params: dict) -> None:
    """Set what both actions may set, and the emulator doesn't."""
    if window := rds._p(params, "PreferredBackupWindow"):
        instance["PreferredBackupWindow"] = window
    if insights := rds._p(params, "EnablePerformanceInsights"):
        instance["PerformanceInsightsEnabled"] = insights == "true"
    if days := rds._p(params, "PerformanceInsightsRetentionPeriod"):
        instance["PerformanceInsightsRetentionPeriod"] = int(days)
    if instance["StorageType"] == "gp3":
        for name, least in _GP3.items():
            instance[name] = int(rds._p(params, name) or instance.get(name) or least)


def apply() -> None:
    create, modify = rds._ACTION_MAP["CreateDBInstance"], rds._ACTION_MAP["ModifyDBInstance"]

    def create_described(params):
        if rds._p(params, "Engine") != "mysql" or rds._p(params, "DBClusterIdentifier"):
            return create(params)
        arn, problem = _key_arn(params)
        if problem:
            return problem
        answered = create(params)
        if answered[0] != 200:
            return answered
        instance = rds._instances[rds._p(params, "DBInstanceIdentifier")]
        instance |= {"KmsKeyId": arn, "DBName": rds._p(params, "DBName")}
        _take_over(instance, params)
        return databases.answer("CreateDBInstance", instance)

    def modify_described(params):
        answered = modify(params)
        if answered[0] != 200:
            return answered
        instance, _problem = databases.found(params)
        _take_over(instance, params)
        return databases.answer("ModifyDBInstance", instance)

    rds._ACTION_MAP |= {"CreateDBInstance": create_described, "ModifyDBInstance": modify_described}
