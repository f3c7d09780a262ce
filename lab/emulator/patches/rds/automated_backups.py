# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Automated backups can be replicated to another region, and are described in both.

AWS refuses a source without backups, and an encrypted one without a key of the target region; what was copied is retained when the
replication stops. The emulator knows none of the three actions.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReplicateBackups.html
"""

from __future__ import annotations

import secrets

import ministack.services.rds as rds

from lab.emulator.state import databases


def _all_instances() -> list[dict]:
    return list(rds._instances._data.values())


def _xml(instance: dict, copy: dict | None) -> str:
    """Return the backups of an instance in its own region (`copy` is None), or in another one."""
    region = rds.get_region()
    word = copy["word"] if copy else instance["DbiResourceId"].lower()
    fields = {
        "DBInstanceArn": instance["DBInstanceArn"],
        "DbiResourceId": instance["DbiResourceId"],
        "Region": instance["DBInstanceArn"].split(":")[3],
        "DBInstanceIdentifier": instance["DBInstanceIdentifier"],
        "Status": copy["status"] if copy else "active",
        "Engine": instance["Engine"],
        "EngineVersion": instance["EngineVersion"],
        "Encrypted": str(instance["StorageEncrypted"]).lower(),
        "KmsKeyId": copy["key"] if copy else instance["KmsKeyId"],
        "BackupRetentionPeriod": copy["days"] if copy else instance["BackupRetentionPeriod"],
        "DBInstanceAutomatedBackupsArn": f"arn:aws:rds:{region}:{rds.get_account_id()}:auto-backup:ab-{word}",
    }
    return "".join(f"<{name}>{value}</{name}>" for name, value in fields.items() if value != "")


def _describe(params):
    named, region = rds._p(params, "DBInstanceIdentifier"), rds.get_region()
    found = ""
    for instance in _all_instances():
        if named and instance["DBInstanceIdentifier"] != named:
            continue
        if f":{region}:" in instance["DBInstanceArn"] and instance["BackupRetentionPeriod"]:
            found += f"<DBInstanceAutomatedBackup>{_xml(instance, None)}</DBInstanceAutomatedBackup>"
        elif copy := instance.get("_backup_copies", {}).get(region):
            found += f"<DBInstanceAutomatedBackup>{_xml(instance, copy)}</DBInstanceAutomatedBackup>"
    inner = f"<DBInstanceAutomatedBackups>{found}</DBInstanceAutomatedBackups>"
    action = "DescribeDBInstanceAutomatedBackups"
    return rds._xml(200, f"{action}Response", f"<{action}Result>{inner}</{action}Result>")


def _answer(action: str, instance: dict, copy: dict) -> tuple:
    inner = f"<DBInstanceAutomatedBackup>{_xml(instance, copy)}</DBInstanceAutomatedBackup>"
    return rds._xml(200, f"{action}Response", f"<{action}Result>{inner}</{action}Result>")


def _start(params):
    arn, key = rds._p(params, "SourceDBInstanceArn"), rds._p(params, "KmsKeyId")
    source = databases.anywhere(arn)
    if not source:
        return databases.refusal("DBInstanceNotFound", f"DBInstance {arn} not found.", 404)
    if not source["BackupRetentionPeriod"]:
        return databases.refusal("InvalidDBInstanceState", "Automated backups are not enabled for this DB instance.")
    if source["StorageEncrypted"] and not key:
        return databases.refusal("InvalidParameterCombination", "KmsKeyId is required for an encrypted DB instance.")
    copies = source.setdefault("_backup_copies", {})
    if copies.get(rds.get_region(), {}).get("status") == "replicating":
        message = "Automated backups of this DB instance are replicated to this region already."
        return databases.refusal("InvalidDBInstanceState", message)
    copy = {
        "word": secrets.token_hex(10),
        "status": "replicating",
        "key": key,
        "days": int(rds._p(params, "BackupRetentionPeriod") or 7),
    }
    copies[rds.get_region()] = copy
    return _answer("StartDBInstanceAutomatedBackupsReplication", source, copy)


def _stop(params):
    arn = rds._p(params, "SourceDBInstanceArn")
    source = databases.anywhere(arn)
    copy = source and source.get("_backup_copies", {}).get(rds.get_region())
    if not copy or copy["status"] != "replicating":
        return databases.refusal(
            "InvalidDBInstanceState", "Automated backups of this DB instance are not replicated here."
        )
    copy["status"] = "retained"
    return _answer("StopDBInstanceAutomatedBackupsReplication", source, copy)


def apply() -> None:
    rds._ACTION_MAP |= {
        "DescribeDBInstanceAutomatedBackups": _describe,
        "StartDBInstanceAutomatedBackupsReplication": _start,
        "StopDBInstanceAutomatedBackupsReplication": _stop,
    }
