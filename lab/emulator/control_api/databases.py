# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Tell the RDS reconciler which DB instances and snapshots there are to be, and take in what it reports."""

from __future__ import annotations

import time
from collections.abc import Iterator

import ministack.services.ec2 as ec2
import ministack.services.rds as rds

from lab.emulator.control_api import backups
from lab.emulator.state import databases
from lab.emulator.state.region import in_region

_BACKING_UP = "backing-up"


def handlers(regions: tuple[str, ...]) -> dict:
    """Return the requests that the RDS reconciler makes, and the one that begins an automated backup."""
    return {
        "rds-view": lambda question: _view(regions),
        "rds-report": _report,
        "rds-back-up": _back_up,
        "rds-snapshot-report": _report_snapshot,
        "rds-parameters-report": _report_parameters,
        "rds-backup-report": lambda question: backups.report(_find(question), question),
    }


def occupants() -> Iterator[dict]:
    """Yield the addresses of this region's DB instances, for the routers of their VPCs."""
    for instance in _carried():
        interface = ec2._network_interfaces[instance["_interface"]]
        yield {"network": interface["VpcId"], "address": interface["PrivateIpAddress"]}


def _carried() -> list[dict]:
    return [item for item in rds._instances.values() if databases.realizable(item) and item.get("_interface")]


def _view(regions: tuple[str, ...]) -> dict:
    """Return every DB instance and snapshot; from then on a reconciler realizes them."""
    databases.Reconciler.attached = True
    instances, snapshots, copies = [], [], []
    for region in regions:
        in_region(region)
        instances += [_instance(item, region) for item in _carried()]
        snapshots += [_snapshot(item, region) for item in rds._snapshots.values() if "_data" in item]
        copies += [copy for item in _carried() for copy in backups.copies(item)]
    return {"instances": instances, "snapshots": snapshots, "backup_copies": copies}


def _instance(instance: dict, region: str) -> dict:
    interface = ec2._network_interfaces[instance["_interface"]]
    group = instance["DBParameterGroups"][0]["DBParameterGroupName"]
    set_by_user = rds._param_groups.get(group, {}).get("Parameters", {})
    if instance.get("_password_known") != instance["_MasterUserPassword"]:
        instance["_password_known"] = instance["_MasterUserPassword"]
        instance["_password_version"] = instance.get("_password_version", 0) + 1
    return {
        "resource_id": instance["DbiResourceId"],
        "identifier": instance["DBInstanceIdentifier"],
        "region": region,
        "state": instance["DBInstanceStatus"],
        "network": interface["VpcId"],
        "subnet_cidr": ec2._subnets[interface["SubnetId"]]["CidrBlock"],
        "address": interface["PrivateIpAddress"],
        "mac": interface["MacAddress"],
        "endpoint": instance["Endpoint"]["Address"],
        "port": int(instance["Endpoint"]["Port"]),
        "username": instance["MasterUsername"],
        "password": instance["_MasterUserPassword"],
        "password_version": instance["_password_version"],
        "database": instance.get("DBName", ""),
        "reboots": instance.get("_reboots", 0),
        "origin": instance.get("_origin"),
        "source": instance.get("_source", ""),
        "parameter_group": group,
        "parameters": {
            name: [item["ParameterValue"], item["ApplyMethod"] == "immediate"] for name, item in set_by_user.items()
        },
    }


def _snapshot(snapshot: dict, region: str) -> dict:
    return {
        "name": snapshot["_data"],
        "identifier": snapshot["DBSnapshotIdentifier"],
        "region": region,
        "state": snapshot["Status"],
        "origin": snapshot["_origin"],
    }


def _find(question: dict) -> dict | None:
    in_region(question["region"])
    return next((item for item in rds._instances.values() if item["DbiResourceId"] == question["resource_id"]), None)


def _report(question: dict) -> bool:
    """Take in that an instance has reached a state; said too late (the API has moved on) it changes nothing."""
    instance = _find(question)
    if not instance or instance["DBInstanceStatus"] != question["was"]:
        return False
    if question["was"] == _BACKING_UP and time.monotonic() < instance.get("_backed_up_until", 0):
        return False
    if question["state"] == "deleted":
        databases.forget(instance)
    else:
        databases.arrive(instance, question["state"])
    return True


def _back_up(question: dict) -> bool:
    """Begin an automated backup of so many seconds, as in the instance's backup window."""
    instance = _find(question)
    if not instance or instance["DBInstanceStatus"] != "available":
        return False
    instance |= {"DBInstanceStatus": _BACKING_UP, "_backed_up_until": time.monotonic() + question["seconds"]}
    return True


def _report_snapshot(question: dict) -> bool:
    in_region(question["region"])
    for snapshot in rds._snapshots.values():
        if snapshot.get("_data") == question["name"] and snapshot["Status"] == "creating":
            snapshot |= {"Status": question["state"], "PercentProgress": 100}
            return True
    return False


def _report_parameters(question: dict) -> bool:
    """Return whether all parameters of an instance's group are in force, or wait for a reboot."""
    instance = _find(question)
    if instance:
        instance["DBParameterGroups"] = [
            dict(group) | {"ParameterApplyStatus": question["status"]} for group in instance["DBParameterGroups"]
        ]
    return bool(instance)
