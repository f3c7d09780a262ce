# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Failover records and their health checks, as wanted and as Route 53 holds them, and the way between the two. Pure functions.

Whose they are stands in what is set once and can't get lost: a record's set identifier is `<owner>:<region>`, a health check's
caller reference `<owner>:<key>:<number>`. So a run that was cut off is taken up, whatever it was cut off before.
"""

from __future__ import annotations

import dataclasses
import hashlib
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._route53 import RecordSet, absolute

# https://docs.aws.amazon.com/Route53/latest/APIReference/API_UpdateHealthCheck.html
_FIXED = ("Type", "RequestInterval", "MeasureLatency")


@dataclasses.dataclass(frozen=True)
class Target:
    """What a name leads to in one region, and how it is probed (in Route 53's words)."""

    region: str
    host: str
    check: t.Mapping[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Wanted:
    """A name with its targets; the one of the primary region answers while it is healthy."""

    name: str
    ttl: int
    targets: tuple[Target, ...]
    primary_region: str

    @classmethod
    def from_options(cls, options: t.Mapping[str, t.Any], primary_region: str) -> Wanted:
        targets = tuple(
            Target(item["region"], absolute(item["host"]), _check_config(item["host"], options["health_check"]))
            for item in options["targets"]
        )
        regions = [target.region for target in targets]
        primary = primary_region if primary_region in regions else regions[0] if regions else primary_region
        return cls(absolute(options["name"]), options["ttl"], targets, primary)

    def failover(self, target: Target) -> str:
        """The target's part."""
        return "PRIMARY" if target.region == self.primary_region else "SECONDARY"


def _check_config(host: str, options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    kind = options["type"]
    config = {
        "Type": kind,
        "FullyQualifiedDomainName": host.rstrip("."),
        "Port": options["port"],
        "RequestInterval": options["interval"],
        "FailureThreshold": options["threshold"],
        "MeasureLatency": False,
    }
    if kind != "TCP":
        config["ResourcePath"] = options["path"]
        config["EnableSNI"] = kind == "HTTPS"
    return config


@dataclasses.dataclass(frozen=True)
class Check:
    """A health check of the owner's, as Route 53 holds it."""

    check_id: str
    key: str
    config: t.Mapping[str, t.Any]
    tags: t.Mapping[str, str]
    version: int


@dataclasses.dataclass(frozen=True)
class Owner:
    """Whose records these are, and the tags that their health checks carry."""

    name: str
    tags: t.Mapping[str, str]

    def set_identifier(self, region: str) -> str:
        return f"{self.name}:{region}"

    def owns(self, record: RecordSet) -> bool:
        is_failover = record.type == "CNAME" and "Failover" in record.routing
        return is_failover and (record.set_identifier or "").startswith(f"{self.name}:")

    def key(self, wanted: Wanted, target: Target) -> str:
        """What names a target in the caller reference of its health check, which has room for 64 characters."""
        return hashlib.sha256(f"{wanted.name}|{target.region}".encode()).hexdigest()[:10]

    def key_of(self, caller_reference: str) -> str | None:
        """The key in a caller reference of the owner's, None in one of somebody else."""
        parts = caller_reference.split(":")
        return parts[1] if len(parts) == 3 and parts[0] == self.name else None

    def check_tags(self, wanted: Wanted, target: Target) -> dict[str, str]:
        return dict(self.tags) | {"Name": f"{self.name}-{target.region}-{wanted.name.rstrip('.')}"}


@dataclasses.dataclass(frozen=True)
class World:
    """The zone's record sets and the owner's health checks."""

    record_sets: tuple[RecordSet, ...] = ()
    checks: tuple[Check, ...] = ()

    def at(self, name: str) -> list[RecordSet]:
        return [record for record in self.record_sets if record.name == name]


def title(wanted: Wanted, target: Target) -> str:
    """What a target is called in plans and messages."""
    return f"{wanted.name.rstrip('.')} in {target.region}"


def find_check(wanted: Wanted, target: Target, world: World, owner: Owner) -> Check | None:
    """The health check to go on with: one whose interval and type, which can't be changed, are right; the one in use first."""
    key = owner.key(wanted, target)
    fitting = [
        check
        for check in world.checks
        if check.key == key and all(check.config.get(name) == target.check.get(name) for name in _FIXED)
    ]
    used = {record.health_check_id for record in world.record_sets}
    return min(fitting, key=lambda check: (check.check_id not in used, check.check_id), default=None)


def changed_config(target: Target, check: Check) -> dict[str, t.Any]:
    """The settings of a health check that are to be changed."""
    return {name: value for name, value in target.check.items() if check.config.get(name) != value}


def wanted_record(wanted: Wanted, target: Target, owner: Owner, check_id: str | None) -> RecordSet:
    """A target's record set."""
    return RecordSet(
        name=wanted.name,
        type="CNAME",
        values=(target.host,),
        ttl=wanted.ttl,
        set_identifier=owner.set_identifier(target.region),
        health_check_id=check_id,
        routing={"Failover": wanted.failover(target)},
    )


def current_record(record: RecordSet, world: World) -> RecordSet | None:
    """The record set of the same name and identifier as it is now."""
    return next((item for item in world.at(record.name) if item.set_identifier == record.set_identifier), None)


def is_same(current: RecordSet, record: RecordSet) -> bool:
    """Whether a record set needs no change; hosts are compared as names."""
    return dataclasses.replace(current, values=tuple(map(absolute, current.values))) == record


def surplus_records(entries: t.Iterable[Wanted], world: World, owner: Owner) -> list[RecordSet]:
    """The owner's record sets that no entry asks for."""
    asked = {(entry.name, owner.set_identifier(target.region)) for entry in entries for target in entry.targets}
    return [item for item in world.record_sets if owner.owns(item) and (item.name, item.set_identifier) not in asked]


def surplus_checks(entries: t.Iterable[Wanted], world: World, owner: Owner) -> list[Check]:
    """The owner's health checks that no entry goes on with."""
    used = [find_check(entry, target, world, owner) for entry in entries for target in entry.targets]
    return [check for check in world.checks if check not in used]


def plan(entries: t.Sequence[Wanted], world: World, owner: Owner) -> list[Change]:
    """All changes, in the order in which they are made."""
    checks, records = [], []
    for entry in entries:
        for target in entry.targets:
            check = find_check(entry, target, world, owner)
            checks += _plan_check(entry, target, check, owner)
            record = wanted_record(entry, target, owner, check.check_id if check else None)
            current = current_record(record, world)
            if current is None or check is None or not is_same(current, record):
                action = "create" if current is None else "update"
                before = shown(current) if current else None
                records.append(Change(action, f"record of {title(entry, target)}", before, shown(record)))
    for record in surplus_records(entries, world, owner):
        region = record.set_identifier.removeprefix(f"{owner.name}:")
        records.append(Change("delete", f"record of {record.name.rstrip('.')} in {region}", shown(record), None))
    gone = [
        Change(
            "delete",
            f"health check {check.check_id} ({check.tags.get('Name', 'without a name')})",
            dict(check.config),
            None,
        )
        for check in surplus_checks(entries, world, owner)
    ]
    return checks + records + gone


def _plan_check(entry: Wanted, target: Target, check: Check | None, owner: Owner) -> list[Change]:
    name = f"health check of {title(entry, target)}"
    tags = owner.check_tags(entry, target)
    if check is None:
        return [Change("create", name, None, dict(target.check) | {"Tags": tags})]
    after = changed_config(target, check)
    before = {key: check.config.get(key) for key in after}
    if check.tags != tags:
        before, after = before | {"Tags": dict(check.tags)}, after | {"Tags": tags}
    return [Change("update", name, before, after)] if after else []


def shown(record: RecordSet) -> dict[str, t.Any]:
    """A record set in a diff. The health check's ID is left out: a check that is to be made has none yet."""
    return {"Value": absolute(record.values[0]) if record.values else None, "TTL": record.ttl} | dict(record.routing)
