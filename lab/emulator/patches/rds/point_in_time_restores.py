# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""An instance can be restored beside itself as it was at any second that its automated backups reach, also in another region.

AWS says how far they reach (LatestRestorableTime, RestoreWindow), refuses other times and instances without backups, and restores
under the settings asked for, by default without protection, standby or the instance's own groups. Logs are kept every five
minutes, in the lab every five seconds. The emulator doesn't know the action, and calls the time of creation the latest one.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIT.html
"""

from __future__ import annotations

import datetime
import time

import ministack.services.rds as rds

from lab.emulator.patches.rds import automated_backups, resources_checked
from lab.emulator.state import databases

_STEP = 5
_ACTION = "RestoreDBInstanceToPointInTime"
_SOURCES = ("SourceDBInstanceIdentifier", "SourceDbiResourceId", "SourceDBInstanceAutomatedBackupsArn")
_INHERITED = ("DBInstanceClass", "AllocatedStorage", "StorageType", "EngineVersion", "MasterUsername")


def _written(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _seconds(text: str) -> float:
    return datetime.datetime.fromisoformat(text).timestamp()


def _window(instance: dict, copy: dict | None) -> tuple[float, float] | None:
    """Return between which seconds an instance, or a copy of its backups in another region, can be restored."""
    if copy:
        if databases.Reconciler.attached and "until" not in copy:
            return None
        since, until = copy.get("since", _seconds(instance["InstanceCreateTime"])), copy.get("until", time.time())
    elif not instance["BackupRetentionPeriod"] or instance["DBInstanceStatus"] == "creating":
        return None
    else:
        since, until = _seconds(instance["InstanceCreateTime"]), time.time()
    # The first log is kept a step after the base.
    first, last = int(since) + 1, int(until) // _STEP * _STEP
    return (first, last) if first <= last else None


def _source(params: dict) -> tuple[dict | None, dict | None, tuple | None]:
    """Return the instance that is restored, the copy of its backups where one of another region is, or the refusal."""
    identifier, resource, backup = (rds._p(params, name) for name in _SOURCES)
    region = rds.get_region()
    if sum(map(bool, (identifier, resource, backup))) != 1:
        message = f"Exactly one of {', '.join(_SOURCES)} is required."
        return None, None, databases.refusal("InvalidParameterCombination", message)
    for instance in list(rds._instances._data.values()):
        here = f":{region}:" in instance["DBInstanceArn"]
        if here and (identifier == instance["DBInstanceIdentifier"] or resource == instance["DbiResourceId"]):
            return instance, None, None
        copy = instance.get("_backup_copies", {}).get(region)
        if backup and copy and backup.endswith(f":auto-backup:ab-{copy['word']}"):
            return instance, copy, None
        if here and backup and backup.endswith(f":auto-backup:ab-{instance['DbiResourceId'].lower()}"):
            return instance, None, None
    if backup:
        message = f"The automated backup {backup} is not found."
        return None, None, databases.refusal("DBInstanceAutomatedBackupNotFound", message, 404)
    return None, None, databases.refusal("DBInstanceNotFound", f"DBInstance {identifier or resource} not found.", 404)


def _moment(params: dict, window: tuple[float, float] | None) -> tuple[float, tuple | None]:
    asked, latest = rds._p(params, "RestoreTime"), rds._p(params, "UseLatestRestorableTime") == "true"
    if bool(asked) == latest:
        message = "Exactly one of RestoreTime and UseLatestRestorableTime is required."
        return 0.0, databases.refusal("InvalidParameterCombination", message)
    if window is None:
        return 0.0, databases.refusal("InvalidParameterValue", "There is no restorable time yet.")
    first, last = window
    moment = last if latest else _seconds(asked)
    if first <= moment <= last:
        return moment, None
    message = f"The restore time {asked} is not between {_written(first)} and {_written(last)}."
    return 0.0, databases.refusal("InvalidParameterValue", message)


def _restore(params):
    instance, copy, problem = _source(params)
    if problem:
        return problem
    if not copy and not instance["BackupRetentionPeriod"]:
        message = f"Point-in-time restore is not enabled for {instance['DBInstanceIdentifier']}."
        return databases.refusal("PointInTimeRestoreNotEnabled", message)
    moment, problem = _moment(params, _window(instance, copy))
    if problem:
        return problem
    name = rds._p(params, "TargetDBInstanceIdentifier")
    asked = {key: [str(instance[key])] for key in _INHERITED if instance.get(key)} | params
    asked |= {
        "DBInstanceIdentifier": [name],
        "Engine": [instance["Engine"]],
        "MasterUserPassword": [instance.get("_first_password") or instance["_MasterUserPassword"]],
        "StorageEncrypted": [str(instance["StorageEncrypted"]).lower()],
        "KmsKeyId": [copy["key"] if copy else instance["KmsKeyId"]],
        "DBName": [instance["DBName"]],
        "Port": [rds._p(params, "Port") or str(instance["Endpoint"]["Port"])],
        "BackupRetentionPeriod": [str(instance["BackupRetentionPeriod"])],
    }
    answered = rds._ACTION_MAP["CreateDBInstance"]({key: value for key, value in asked.items() if value != [""]})
    if answered[0] != 200:
        return answered
    kept = f"ab-{copy['word']}" if copy else instance["DbiResourceId"]
    restored = rds._instances[name]
    restored["_origin"] = ["backup", kept, str(moment)]
    return databases.answer(_ACTION, restored)


def _creating(create):
    def create_instance(params):
        answered = create(params)
        instance = rds._instances.get(rds._p(params, "DBInstanceIdentifier"))
        if answered[0] == 200 and instance and databases.realizable(instance):
            instance.setdefault("_first_password", instance["_MasterUserPassword"])
        return answered

    return create_instance


def _showing_window(render):
    def rendered(instance, copy):
        window = _window(instance, copy)
        if not window:
            return render(instance, copy)
        first, last = map(_written, window)
        shown = f"<EarliestTime>{first}</EarliestTime><LatestTime>{last}</LatestTime>"
        return f"{render(instance, copy)}<RestoreWindow>{shown}</RestoreWindow>"

    return rendered


def _showing_latest(render):
    def rendered(instance):
        if databases.realizable(instance):
            window = _window(instance, None)
            instance["LatestRestorableTime"] = _written(window[1]) if window else ""
        shown = render(instance)
        if instance.get("LatestRestorableTime") == "":
            before, _, rest = shown.partition("<LatestRestorableTime>")
            return before + rest.partition("</LatestRestorableTime>")[2]
        return shown

    return rendered


def apply() -> None:
    rds._ACTION_MAP |= {_ACTION: _restore, "CreateDBInstance": _creating(rds._ACTION_MAP["CreateDBInstance"])}
    automated_backups._xml = _showing_window(automated_backups._xml)
    rds._instance_xml = _showing_latest(rds._instance_xml)
    resources_checked._KINDS |= {
        "TargetDBInstanceIdentifier": "db",
        "SourceDBInstanceAutomatedBackupsArn": "auto-backup",
    }
