# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Compare failover records and health checks as wanted and as Route 53 holds them, and plan the changes. Pure functions.

The owner is in what is set once and can't get lost: a record's set identifier is `<owner>:<region>`, a health check's caller
reference `<owner>:<key>:<number>`. So the next run continues an interrupted one, wherever that was interrupted.
"""

from __future__ import annotations

import dataclasses
import hashlib
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._route53 import RecordSet, Zone, absolute

# https://docs.aws.amazon.com/Route53/latest/APIReference/API_UpdateHealthCheck.html
_FIXED = ("Type", "RequestInterval", "MeasureLatency", "IPAddress", "SearchString")
# What Route 53 may leave out of its answer where it is at its default.
_DEFAULTS = {"Disabled": False, "Inverted": False}
# A check from all of them is one without a list: https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
_CHECKERS = frozenset(
    {
        *("us-east-1", "us-west-1", "us-west-2", "eu-west-1", "sa-east-1"),
        *("ap-northeast-1", "ap-southeast-1", "ap-southeast-2"),
    }
)


@dataclasses.dataclass(frozen=True)
class Target:
    """The host of a name in one region, and its health check in Route 53's words."""

    region: str
    host: str
    check: t.Mapping[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Wanted:
    """A name with its targets; that of the primary region is answered while it is healthy."""

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
        """Return the target's failover type."""
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
        # A disabled check counts as healthy, whatever its target does, and an inverted one as the opposite.
        **_DEFAULTS,
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
    """The owner of the records, and the tags of their health checks."""

    name: str
    tags: t.Mapping[str, str]

    def set_identifier(self, region: str) -> str:
        return f"{self.name}:{region}"

    def owns(self, record: RecordSet) -> bool:
        is_failover = record.type == "CNAME" and "Failover" in record.routing
        return is_failover and (record.set_identifier or "").startswith(f"{self.name}:")

    def key(self, wanted: Wanted, target: Target) -> str:
        """Return the target's key in the caller reference of its health check, which takes 64 characters."""
        return hashlib.sha256(f"{wanted.name}|{target.region}".encode()).hexdigest()[:10]

    def key_of(self, caller_reference: str) -> str | None:
        """Return the key in a caller reference of the owner's, None in one of somebody else."""
        parts = caller_reference.split(":")
        return parts[1] if len(parts) == 3 and parts[0] == self.name else None

    def check_tags(self, wanted: Wanted, target: Target) -> dict[str, str]:
        return dict(self.tags) | {"Name": f"{self.name}-{target.region}-{wanted.name.rstrip('.')}"}


@dataclasses.dataclass(frozen=True)
class Current:
    """The zone's record sets and the owner's health checks; `zone` is None where it isn't exactly one."""

    record_sets: tuple[RecordSet, ...] = ()
    checks: tuple[Check, ...] = ()
    zone: Zone | None = None

    def at(self, name: str) -> list[RecordSet]:
        return [record for record in self.record_sets if record.name == name]


@dataclasses.dataclass(frozen=True)
class CheckWork:
    """A health check to create, change or delete. `config` holds the settings to set."""

    key: str = ""
    config: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    tags: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    check: Check | None = None


@dataclasses.dataclass(frozen=True)
class RecordWork:
    """Record sets to remove and to create. `check_key` is the key of a health check that the plan creates for it."""

    zone: Zone | None
    remove: RecordSet | None = None
    create: RecordSet | None = None
    check_key: str | None = None


def title(wanted: Wanted, target: Target) -> str:
    """Name a target in plans and messages."""
    return f"{wanted.name.rstrip('.')} in {target.region}"


def find_check(wanted: Wanted, target: Target, current: Current, owner: Owner) -> Check | None:
    """Find the health check to keep: one whose interval and type, which can't be changed, are right; the one in use first."""
    key = owner.key(wanted, target)
    fitting = [
        check
        for check in current.checks
        if check.key == key and all(check.config.get(name) == target.check.get(name) for name in _FIXED)
    ]
    used = {record.health_check_id for record in current.record_sets}
    return min(fitting, key=lambda check: (check.check_id not in used, check.check_id), default=None)


def changed_config(target: Target, check: Check) -> dict[str, t.Any]:
    """Return the settings of a health check that have to be changed; None resets one."""
    held = _DEFAULTS | check.config
    changed = {name: value for name, value in target.check.items() if held.get(name) != value}
    if held.get("Regions") and _CHECKERS - set(held["Regions"]):
        changed["Regions"] = None
    return changed


def wanted_record(wanted: Wanted, target: Target, owner: Owner, check_id: str | None) -> RecordSet:
    """Return a target's record set."""
    return RecordSet(
        name=wanted.name,
        type="CNAME",
        values=(target.host,),
        ttl=wanted.ttl,
        set_identifier=owner.set_identifier(target.region),
        health_check_id=check_id,
        routing={"Failover": wanted.failover(target)},
    )


def _current_record(record: RecordSet, current: Current) -> RecordSet | None:
    """Find the record set of the same name and identifier as it is now."""
    return next((item for item in current.at(record.name) if item.set_identifier == record.set_identifier), None)


def _is_same(current: RecordSet, record: RecordSet) -> bool:
    """Tell whether a record set needs no change; hosts are compared as names."""
    return dataclasses.replace(current, values=tuple(map(absolute, current.values))) == record


def _undeclared_records(entries: t.Iterable[Wanted], current: Current, owner: Owner) -> list[RecordSet]:
    """Return the owner's record sets that no entry asks for."""
    asked = {(entry.name, owner.set_identifier(target.region)) for entry in entries for target in entry.targets}
    return [item for item in current.record_sets if owner.owns(item) and (item.name, item.set_identifier) not in asked]


def _undeclared_checks(entries: t.Iterable[Wanted], current: Current, owner: Owner) -> list[Check]:
    """Return the owner's health checks that no entry uses."""
    used = [find_check(entry, target, current, owner) for entry in entries for target in entry.targets]
    return [check for check in current.checks if check not in used]


def plan(entries: t.Sequence[Wanted], current: Current, owner: Owner) -> list[Change]:
    """Plan all changes, in the order in which they are made."""
    checks, records = [], []
    for entry in entries:
        for target in entry.targets:
            check = find_check(entry, target, current, owner)
            checks += _plan_check(entry, target, check, owner)
            records += _plan_record(entry, target, check, current, owner)
    for record in _undeclared_records(entries, current, owner):
        region = record.set_identifier.removeprefix(f"{owner.name}:")
        name = f"of {record.name.rstrip('.')} in {region}"
        work = RecordWork(current.zone, remove=record)
        records.append(Change("delete", "record", name, shown(record), data=work))
    removed = [
        Change(
            "delete",
            "health check",
            f"{check.check_id} ({check.tags.get('Name', 'without a name')})",
            dict(check.config),
            data=CheckWork(check=check),
        )
        for check in _undeclared_checks(entries, current, owner)
    ]
    return checks + records + removed


def _plan_record(
    entry: Wanted, target: Target, check: Check | None, current: Current, owner: Owner
) -> t.Iterator[Change]:
    record = wanted_record(entry, target, owner, check.check_id if check else None)
    found = _current_record(record, current)
    if found is None or check is None or not _is_same(found, record):
        action = "create" if found is None else "update"
        work = RecordWork(current.zone, found, record, None if check else owner.key(entry, target))
        before = shown(found) if found else None
        yield Change(action, "record", f"of {title(entry, target)}", before, shown(record), data=work)


def _plan_check(entry: Wanted, target: Target, check: Check | None, owner: Owner) -> list[Change]:
    name = f"of {title(entry, target)}"
    tags = owner.check_tags(entry, target)
    work = CheckWork(owner.key(entry, target), dict(target.check), tags, check)
    if check is None:
        return [Change("create", "health check", name, None, dict(target.check) | {"Tags": tags}, data=work)]
    config = changed_config(target, check)
    before, after = {key: check.config.get(key) for key in config}, config
    if check.tags != tags:
        before, after = before | {"Tags": dict(check.tags)}, after | {"Tags": tags}
    work = dataclasses.replace(work, config=config)
    return [Change("update", "health check", name, before, after, data=work)] if after else []


def shown(record: RecordSet) -> dict[str, t.Any]:
    """Return a record set as a diff shows it: without its health check's ID, which a new check does not have yet."""
    return {"Value": absolute(record.values[0]) if record.values else None, "TTL": record.ttl} | dict(record.routing)
