# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The way from the tenants' instances as they are to those that are wanted, and what has to wait for what. Pure functions."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_master_secret import model as master
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances import parameters
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.model import (
    Instance,
    Place,
    State,
    Step,
    Wanted,
    region_of,
)


def plan(entries: t.Sequence[Wanted], state: State) -> list[Step]:
    """The steps of all tenants, each tenant's in their order."""
    return [step for entry in entries for step in _steps(entry, state)]


def _steps(wanted: Wanted, state: State) -> t.Iterator[Step]:
    if wanted.state == "absent":
        yield from _removal(wanted, state)
        return
    yield from _at_place(wanted, wanted.at, state, source=None)
    found = master.plan(master_wanted(wanted, state), state.masters.get(wanted.tenant, _NO_MASTER), rotated=False)
    yield from (_master_step(wanted, change, "available") for change in found)
    if wanted.replica:
        yield from _at_place(wanted, wanted.replica, state, source=wanted.at)


def is_ready(step: Step, state: State) -> bool:
    """Whether a step can be begun."""
    found, own = state.at(step.place), state.at(step.wanted.at if step.wanted else None)
    if step.kind in ("instance", "replica") and step.action == "delete" and _is_protected(found):
        return False
    return {
        "": lambda: True,
        "available": lambda: found is not None and found.ready,
        "source": lambda: own is not None and own.ready,
        "replicas gone": lambda: own is not None and own.ready and not own.replicas,
        "gone": lambda: found is None,
    }[step.after_all]()


def _is_protected(instance: Instance | None) -> bool:
    return instance is not None and bool(instance.values.get("DeletionProtection"))


def waits(entries: t.Sequence[Wanted], state: State) -> list[str]:
    """What isn't as it will be yet, and comes by itself."""
    found = []
    for wanted in entries:
        for place in [Place(*key) for key in _present_keys(wanted, state)]:
            instance = state.at(place)
            if wanted.state == "absent":
                found.append(f"the end of {place.label} ({instance.status})")
            elif not instance.ready:
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
    """The secret of the instance's master user. An instance that was there before keeps its user's name."""
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


def _master_step(wanted: Wanted, change: master.Change, after_all: str) -> Step:
    values = {field.name: getattr(change, field.name) for field in dataclasses.fields(change)} | {"kind": "master"}
    return Step(**values, wanted=wanted, place=wanted.at, after_all=after_all)


# One place


def _at_place(wanted: Wanted, place: Place, state: State, source: Place | None) -> t.Iterator[Step]:
    """Groups before what uses them."""
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
        yield _step("update", "instance", wanted, place, before, drift, after_all="available", details=drift)
    tags = {name: value for name, value in wanted.tags.items() if instance.tags.get(name) != value}
    if tags:
        before = {name: instance.tags.get(name) for name in tags}
        yield _step("tag", "tags", wanted, place, before, tags, details={"arn": instance.arn, "tags": tags})


_LABELS = {
    "instance": "instance",
    "replica": "read replica",
    "tags": "tags of",
    "parameter group": "parameter group",
    "subnet group": "subnet group",
}


def _step(
    action: str, kind: str, wanted: Wanted, place: Place, before: t.Any, after: t.Any, name: str = "", **more: t.Any
) -> Step:
    resource = f"{_LABELS[kind]} {name or place.identifier} in {place.region}"
    return Step(action, resource, before, after, place.region, kind=kind, wanted=wanted, place=place, **more)


def parameter_group_name(place: Place, instance: Instance | None, state: State) -> str:
    """The parameter group that is the instance's own: the one it has, unless that is AWS's default or somebody else's, too."""
    if instance is None or instance.parameter_group.startswith("default."):
        return place.identifier
    others = [
        other
        for (region, name), other in state.instances.items()
        if region == place.region and name != place.identifier and other.parameter_group == instance.parameter_group
    ]
    return place.identifier if others else instance.parameter_group


def _parameter_group(wanted: Wanted, place: Place, name: str, state: State) -> t.Iterator[Step]:
    group = state.parameter_groups.get((place.region, name))
    held = group.parameters if group else {}
    differing = parameters.differing(wanted.parameters, held, purge=wanted.purge_parameters)
    if group and not differing:
        return
    before = {key: held.get(key) for key in differing} if group else None
    details = {"name": name, "family": wanted.family, "parameters": differing}
    action = "update" if group else "create"
    yield _step(action, "parameter group", wanted, place, before, differing, name, details=details)


def _subnet_group(wanted: Wanted, place: Place, instance: Instance | None, state: State) -> t.Iterator[Step]:
    """An instance that was made elsewhere stays in the subnet group it has."""
    if not place.subnets or (instance and instance.subnet_group != place.identifier):
        return
    held = state.subnet_groups.get(place.key)
    if held == frozenset(place.subnets):
        return
    before = {"subnets": sorted(held)} if held is not None else None
    after = {"subnets": sorted(place.subnets)}
    yield _step("create" if held is None else "update", "subnet group", wanted, place, before, after, details=after)


def kept(wanted: Wanted, place: Place, instance: Instance | None) -> dict[str, t.Any]:
    """The attributes that an instance is held to. Storage that has grown by itself is left."""
    values = dict(wanted.stated)
    held = instance.values.get("AllocatedStorage", 0) if instance else 0
    if "MaxAllocatedStorage" in values:
        least = max(values.get("AllocatedStorage", wanted.for_new.get("AllocatedStorage", 0)), held)
        values["MaxAllocatedStorage"] = max(values["MaxAllocatedStorage"], least)
    if values.get("AllocatedStorage", 0) <= held:
        values.pop("AllocatedStorage", None)
    if place.security_groups:
        values["VpcSecurityGroupIds"] = sorted(place.security_groups)
    if values.get("MonitoringInterval") and place.monitoring_role_arn:
        values["MonitoringRoleArn"] = place.monitoring_role_arn
    return values


# What CreateDBInstanceReadReplica doesn't take: a replica has it of its source, or gets it once it is there.
_NOT_A_REPLICAS = ("AllocatedStorage", "BackupRetentionPeriod", "PreferredBackupWindow", "PreferredMaintenanceWindow")
_RENAMED = {"PerformanceInsightsEnabled": "EnablePerformanceInsights"}


def _creation(wanted: Wanted, place: Place, group: str, source: Place | None, state: State) -> Step:
    attributes = wanted.for_new | kept(wanted, place, None) | {"DBParameterGroupName": group}
    if attributes.get("MaxAllocatedStorage", 0) <= attributes["AllocatedStorage"]:
        attributes.pop("MaxAllocatedStorage", None)
    if place.subnets:
        attributes["DBSubnetGroupName"] = place.identifier
    if place.kms_key:
        attributes["KmsKeyId"] = state.keys.get((place.region, place.kms_key)) or place.kms_key
    if source is None:
        attributes |= {"EngineVersion": wanted.engine_version, "StorageEncrypted": True}
        return _step("create", "instance", wanted, place, None, attributes, details=attributes)
    origin = state.at(source)
    if origin:
        attributes["DBInstanceClass"] = wanted.stated.get("DBInstanceClass") or origin.values["DBInstanceClass"]
    asked = {name: value for name, value in attributes.items() if name not in _NOT_A_REPLICAS}
    return _step("create", "replica", wanted, place, None, attributes, after_all="source", details=asked)


def as_request(attributes: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Attributes under the names that calls have for them."""
    return {_RENAMED.get(name, name): value for name, value in attributes.items()}


# The end


def replicas_of(instance: Instance | None) -> list[Place]:
    """Where the replicas of an instance stand; one of its own region is named without an ARN."""
    if instance is None:
        return []
    return [Place(region_of(name) or instance.region, name.rsplit(":", 1)[-1]) for name in instance.replicas]


def _removal(wanted: Wanted, state: State) -> t.Iterator[Step]:
    own = state.at(wanted.at)
    replicas = replicas_of(own)
    if wanted.replica and wanted.replica.key not in [place.key for place in replicas]:
        replicas.append(wanted.replica)
    for place in replicas:
        yield from _end_of_instance(wanted, place, "replica", state)
        yield from _end_of_groups(wanted, place, state)
    yield from _end_of_instance(wanted, wanted.at, "instance", state)
    yield from _end_of_groups(wanted, wanted.at, state)
    master_state = state.masters.get(wanted.tenant, _NO_MASTER)
    for change in master.plan_absent(master_wanted(wanted, state), master_state):
        yield _master_step(wanted, change, "gone")
    if wanted.tenant in state.secrets:
        resource = f"secret of tenant {wanted.tenant}"
        yield Step("delete", resource, kind="secret", wanted=wanted, place=wanted.at, after_all="gone")


def _end_of_instance(wanted: Wanted, place: Place, kind: str, state: State) -> t.Iterator[Step]:
    """With the word that it may go, an instance loses its protection; `checks` refuses without."""
    instance = state.at(place)
    if instance is None or instance.status == "deleting":
        return
    if _is_protected(instance):
        off = {"DeletionProtection": False}
        before = {"DeletionProtection": True}
        yield _step("update", "instance", wanted, place, before, off, after_all="available", details=off)
    final = wanted.final_snapshot if kind == "instance" else None
    yield _step(
        "delete",
        kind,
        wanted,
        place,
        {"arn": instance.arn},
        {"final_snapshot": final} if final else None,
        after_all="replicas gone" if kind == "instance" else "available",
        details={"final_snapshot": final},
    )


def _end_of_groups(wanted: Wanted, place: Place, state: State) -> t.Iterator[Step]:
    """Groups that have the instance's name go with it; others belong to somebody."""
    for kind, held in (("parameter group", state.parameter_groups), ("subnet group", state.subnet_groups)):
        if place.key in held:
            yield _step("delete", kind, wanted, place, {}, None, after_all="gone", details={"name": place.identifier})
