# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Plan the changes of tenants' dedicated instances, and what has to wait for what. Pure functions."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils import _rds_parameters as parameters
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_master_secret import model as master
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.model import (
    BACKING_UP,
    Instance,
    Place,
    State,
    Task,
    Wanted,
    region_of,
)


def plan(entries: t.Sequence[Wanted], state: State) -> list[Change]:
    """Plan the changes of all tenants, each tenant's in their order."""
    return [change for entry in entries for change in _changes(entry, state)]


def _changes(wanted: Wanted, state: State) -> t.Iterator[Change]:
    if wanted.state == "absent":
        yield from _removal(wanted, state)
        return
    yield from _at_place(wanted, wanted.at, state, source=None)
    found = master.plan(master_wanted(wanted, state), state.masters.get(wanted.tenant, _NO_MASTER), rotated=False)
    yield from (_master_change(wanted, change, "available") for change in found)
    if wanted.replica:
        yield from _at_place(wanted, wanted.replica, state, source=wanted.at)


def is_ready(change: Change, state: State) -> bool:
    """Return whether a change can be begun."""
    found, primary = state.at(change.data.place), state.at(change.data.wanted.at)
    if change.kind in _INSTANCES and change.action == "delete" and _is_protected(found):
        return False
    return {
        "": lambda: True,
        "available": lambda: found is not None and found.ready,
        "source": lambda: primary is not None and primary.ready,
        "replicas gone": lambda: primary is not None and primary.ready and not primary.replicas,
        "gone": lambda: found is None,
    }[change.data.after]()


def _is_protected(instance: Instance | None) -> bool:
    return instance is not None and bool(instance.values.get("DeletionProtection"))


def waits(entries: t.Sequence[Wanted], state: State) -> list[str]:
    """List what is under way and ends by itself. A backup matters to changes alone, which wait for it."""
    found = []
    for wanted in entries:
        for place in [Place(*key) for key in _present_keys(wanted, state)]:
            instance = state.at(place)
            if wanted.state == "absent":
                found.append(f"the end of {place.label} ({instance.status})")
            elif not instance.ready and instance.status != BACKING_UP:
                found.append(f"{place.label} of {wanted.tenant} ({instance.status})")
        if wanted.state == "absent" and state.snapshots.get(wanted.final_snapshot or "", "available") != "available":
            status = state.snapshots[wanted.final_snapshot]
            found.append(f"the snapshot {wanted.final_snapshot} of {wanted.tenant} ({status})")
    return found


def _present_keys(wanted: Wanted, state: State) -> list[tuple[str, str]]:
    places = [wanted.at.key, *([wanted.replica.key] if wanted.replica else [])]
    if wanted.state == "absent":
        places += [place.key for place in replicas_of(state.at(wanted.at))]
    return [key for key in dict.fromkeys(places) if key in state.instances]


def master_wanted(wanted: Wanted, state: State) -> master.Wanted:
    """Return what is wanted of the master user's secret. An instance that was there before keeps the user's name."""
    instance = state.at(wanted.at)
    return master.Wanted(
        name=wanted.master_secret,
        instance=wanted.at.identifier,
        username=instance.master_username if instance else wanted.master_username,
        kms_key=wanted.at.kms_key,
        replicas={wanted.replica.region: wanted.replica.kms_key} if wanted.replica else {},
        tags=wanted.tags or None,
        rotate=False,
    )


_NO_MASTER = master.State(None, None, None, None, None, False)


def _master_change(wanted: Wanted, change: Change, after: str) -> Change:
    task = Task(wanted, wanted.at, after=after, master=change)
    return dataclasses.replace(change, kind="master", title=change.resource, data=task)


# One place


def _at_place(wanted: Wanted, place: Place, state: State, source: Place | None) -> t.Iterator[Change]:
    """Plan the groups before the instance that uses them."""
    instance = state.at(place)
    group = parameter_group_name(place, instance, state)
    yield from _parameter_group(wanted, place, group, state)
    yield from _subnet_group(wanted, place, instance, state)
    if instance is None:
        yield _creation(wanted, place, group, source, state)
        return
    values = kept(wanted, place, instance) | {"DBParameterGroupName": group}
    drift = {name: value for name, value in values.items() if instance.values.get(name) != value}
    if drift:
        before = {name: instance.values.get(name) for name in drift}
        task = Task(wanted, place, drift, after="available")
        yield _change("update", "instance", task, before, drift)
    tags = {name: value for name, value in wanted.tags.items() if instance.tags.get(name) != value}
    if tags:
        before = {name: instance.tags.get(name) for name in tags}
        yield _change("tag", "tags", Task(wanted, place, {"arn": instance.arn, "tags": tags}), before, tags)


_INSTANCES = ("instance", "read replica")


def _change(action: str, kind: str, task: Task, before: t.Any, after: t.Any, name: str = "") -> Change:
    name, region = name or task.place.identifier, task.place.region
    title = f"{'tags of' if kind == 'tags' else kind} {name} in {region}"
    return Change(action, kind, name, before, after, region, title, data=task)


def parameter_group_name(place: Place, instance: Instance | None, state: State) -> str:
    """Return the name of the instance's parameter group: the one it has, unless that is AWS's default or shared with others."""
    if instance is None or instance.parameter_group.startswith("default."):
        return place.identifier
    others = [
        other
        for (region, name), other in state.instances.items()
        if region == place.region and name != place.identifier and other.parameter_group == instance.parameter_group
    ]
    return place.identifier if others else instance.parameter_group


def _parameter_group(wanted: Wanted, place: Place, name: str, state: State) -> t.Iterator[Change]:
    group = state.parameter_groups.get((place.region, name))
    held = group.parameters if group else {}
    types = state.types.get(wanted.family, {})
    differing = parameters.differing(wanted.parameters, held, types, purge=wanted.purge_parameters)
    if group and not differing:
        return
    before = {key: held.get(key) for key in differing} if group else None
    details = {"name": name, "family": wanted.family, "parameters": differing}
    action = "update" if group else "create"
    yield _change(action, "parameter group", Task(wanted, place, details), before, differing, name)


def _subnet_group(wanted: Wanted, place: Place, instance: Instance | None, state: State) -> t.Iterator[Change]:
    """Plan the subnet group. An instance that was adopted stays in the one it has."""
    if not place.subnets or (instance and instance.subnet_group != place.identifier):
        return
    held = state.subnet_groups.get(place.key)
    if held == frozenset(place.subnets):
        return
    before = {"subnets": sorted(held)} if held is not None else None
    after = {"subnets": sorted(place.subnets)}
    yield _change("create" if held is None else "update", "subnet group", Task(wanted, place, after), before, after)


def is_too_near(limit: int, size: int) -> bool:
    """Return whether RDS refuses a limit of the storage: it is a tenth above the storage, or at it where nothing is to grow."""
    return size < limit and limit * 10 < size * 11


def kept(wanted: Wanted, place: Place, instance: Instance | None) -> dict[str, t.Any]:
    """Return the attributes that an instance is held to. Storage that has grown by itself is left."""
    values = dict(wanted.stated)
    held = instance.values.get("AllocatedStorage", 0) if instance else 0
    if "MaxAllocatedStorage" in values:
        least = max(values.get("AllocatedStorage", wanted.for_new.get("AllocatedStorage", 0)), held)
        values["MaxAllocatedStorage"] = max(values["MaxAllocatedStorage"], least)
        if instance and is_too_near(values["MaxAllocatedStorage"], least):
            values.pop("MaxAllocatedStorage")  # RDS would refuse it by now
    if values.get("AllocatedStorage", 0) <= held:
        values.pop("AllocatedStorage", None)
    if place.security_groups:
        values["VpcSecurityGroupIds"] = sorted(place.security_groups)
    if place.backup_window:
        values["PreferredBackupWindow"] = place.backup_window
    if values.get("MonitoringInterval") and place.monitoring_role_arn:
        values["MonitoringRoleArn"] = place.monitoring_role_arn
    return values


# What CreateDBInstanceReadReplica doesn't take: a replica inherits it, or is modified once it is there.
_NOT_A_REPLICAS = ("AllocatedStorage", "BackupRetentionPeriod", "PreferredBackupWindow", "PreferredMaintenanceWindow")
_RENAMED = {"PerformanceInsightsEnabled": "EnablePerformanceInsights"}


def _creation(wanted: Wanted, place: Place, group: str, source: Place | None, state: State) -> Change:
    attributes = wanted.for_new | kept(wanted, place, None) | {"DBParameterGroupName": group}
    if attributes.get("MaxAllocatedStorage", 0) <= attributes["AllocatedStorage"]:
        attributes.pop("MaxAllocatedStorage", None)
    if place.subnets:
        attributes["DBSubnetGroupName"] = place.identifier
    if place.kms_key:
        attributes["KmsKeyId"] = state.keys.get((place.region, place.kms_key)) or place.kms_key
    if source is None:
        attributes |= {"EngineVersion": wanted.engine_version, "StorageEncrypted": True}
        return _change("create", "instance", Task(wanted, place, attributes), None, attributes)
    origin = state.at(source)
    if origin:
        attributes["DBInstanceClass"] = wanted.stated.get("DBInstanceClass") or origin.values["DBInstanceClass"]
    asked = {name: value for name, value in attributes.items() if name not in _NOT_A_REPLICAS}
    return _change("create", "read replica", Task(wanted, place, asked, after="source"), None, attributes)


def as_request(attributes: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return attributes under the names that the calls have for them."""
    return {_RENAMED.get(name, name): value for name, value in attributes.items()}


# Removal


def replicas_of(instance: Instance | None) -> list[Place]:
    """Return where the replicas of an instance are. One in its own region is named without an ARN."""
    if instance is None:
        return []
    return [Place(region_of(name) or instance.region, name.rsplit(":", 1)[-1]) for name in instance.replicas]


def _removal(wanted: Wanted, state: State) -> t.Iterator[Change]:
    replicas = replicas_of(state.at(wanted.at))
    if wanted.replica and wanted.replica.key not in [place.key for place in replicas]:
        replicas.append(wanted.replica)
    for place in replicas:
        yield from _instance_removal(wanted, place, "read replica", state)
        yield from _groups_removal(wanted, place, state)
    yield from _instance_removal(wanted, wanted.at, "instance", state)
    yield from _groups_removal(wanted, wanted.at, state)
    master_state = state.masters.get(wanted.tenant, _NO_MASTER)
    for change in master.plan_absent(master_wanted(wanted, state), master_state):
        yield _master_change(wanted, change, "gone")
    if wanted.tenant in state.secrets:
        task = Task(wanted, wanted.at, after="gone")
        yield Change("delete", "tenant secret", wanted.tenant, title=f"secret of tenant {wanted.tenant}", data=task)


def _instance_removal(wanted: Wanted, place: Place, kind: str, state: State) -> t.Iterator[Change]:
    """Plan the removal of an instance, before it that of its protection; `checks` refuses where the latter is not stated."""
    instance = state.at(place)
    if instance is None or instance.status == "deleting":
        return
    if _is_protected(instance):
        off = {"DeletionProtection": False}
        before = {"DeletionProtection": True}
        yield _change("update", "instance", Task(wanted, place, off, after="available"), before, off)
    final = wanted.final_snapshot if kind == "instance" else None
    after = "replicas gone" if kind == "instance" else "available"
    task = Task(wanted, place, {"final_snapshot": final}, after)
    yield _change("delete", kind, task, {"arn": instance.arn}, {"final_snapshot": final} if final else None)


def _groups_removal(wanted: Wanted, place: Place, state: State) -> t.Iterator[Change]:
    """Plan the removal of the groups that have the instance's name; others may be used elsewhere."""
    for kind, held in (("parameter group", state.parameter_groups), ("subnet group", state.subnet_groups)):
        if place.key in held:
            yield _change("delete", kind, Task(wanted, place, {"name": place.identifier}, "gone"), {}, None)
