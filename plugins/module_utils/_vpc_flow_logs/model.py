# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Compare flow logs as wanted and as they are, and plan the changes. Pure functions, no client."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

# What AWS writes where no format is asked for: https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
DEFAULT_FORMAT = (
    "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} "
    "${start} ${end} ${action} ${log-status}"
)
RESOURCE_TYPES = {"vpc": "VPC", "subnet": "Subnet", "eni": "NetworkInterface"}
CLOUD_WATCH_LOGS = "cloud-watch-logs"
# Option: AWS's name of it in DestinationOptions.
S3_OPTIONS = {
    "file_format": "FileFormat",
    "hive_compatible_partitions": "HiveCompatiblePartitions",
    "per_hour_partition": "PerHourPartition",
}


def resource_type(resource_id: str) -> str:
    """Return AWS's type of a resource, by its ID."""
    try:
        return RESOURCE_TYPES[resource_id.partition("-")[0]]
    except KeyError:
        raise PlatformError(
            f"{resource_id} can have no flow log: name a VPC (vpc-...), a subnet (subnet-...) or a network interface (eni-...)."
        ) from None


def plain_destination(arn: str) -> str:
    """Return a destination as AWS stores it: CloudWatch's own ARN of a log group ends with a wildcard."""
    return arn.removesuffix(":*") if ":log-group:" in arn else arn


@dataclasses.dataclass(frozen=True)
class Settings:
    """What can't be changed once a flow log exists. None leaves what only flow logs to S3 have as it is."""

    destination_type: str
    destination: str
    role_arn: str | None
    traffic_type: str
    aggregation_interval: int
    format: str
    file_format: str | None = None
    hive_compatible_partitions: bool | None = None
    per_hour_partition: bool | None = None

    def as_dict(self) -> dict[str, t.Any]:
        found = dataclasses.asdict(self)
        return {name: value for name, value in found.items() if value is not None or name not in S3_OPTIONS}

    def over(self, found: Settings) -> Settings:
        """Return these settings, with what they don't state as it was found."""
        kept = {name: getattr(found, name) for name in S3_OPTIONS if getattr(self, name) is None}
        return dataclasses.replace(self, **kept) if self.destination_type == found.destination_type else self


@dataclasses.dataclass(frozen=True)
class Wanted:
    """A flow log that is wanted. `resource_id` is None while the resource doesn't exist; `tags` None leaves them alone."""

    resource_id: str | None
    label: str
    settings: Settings
    tags: dict[str, str] | None

    @property
    def name(self) -> str:
        place = self.settings.destination.rpartition(":")[2]
        return f"of {self.label} ({self.settings.traffic_type}) to {place}"


@dataclasses.dataclass(frozen=True)
class FlowLog:
    """A flow log as it was read."""

    flow_log_id: str
    resource_id: str
    settings: Settings
    tags: dict[str, str]
    problem: str | None = None

    def as_dict(self) -> dict[str, t.Any]:
        own = {
            "flow_log_id": self.flow_log_id,
            "resource_id": self.resource_id,
            "tags": self.tags,
            "problem": self.problem,
        }
        return own | self.settings.as_dict()


@dataclasses.dataclass(frozen=True)
class Target:
    """What a change is applied to: the flow log to create, and the ID of the one to delete or tag."""

    wanted: Wanted | None = None
    flow_log_id: str | None = None
    tags_to_set: dict[str, str] = dataclasses.field(default_factory=dict)
    tags_to_remove: tuple[str, ...] = ()


Pair = tuple[Wanted, "FlowLog | None"]


def _same_place(wanted: Wanted, found: FlowLog) -> bool:
    return (wanted.resource_id, wanted.settings.destination) == (found.resource_id, found.settings.destination)


def match(wanted: t.Sequence[Wanted], current: t.Sequence[FlowLog]) -> tuple[list[Pair], list[FlowLog]]:
    """Pair each wanted flow log with the one that it is or replaces; return the flow logs that are left over too.

    A resource may have several flow logs to one destination (accepted and rejected traffic), so equal ones are paired first.
    """
    left = sorted(current, key=lambda flow_log: flow_log.flow_log_id)
    chosen: dict[int, FlowLog] = {}
    conditions: list[t.Callable[[Wanted, FlowLog], bool]] = [
        lambda one, found: one.settings.over(found.settings) == found.settings,
        lambda one, found: one.settings.traffic_type == found.settings.traffic_type,
        lambda _one, _found: True,
    ]
    for condition in conditions:
        for position, one in enumerate(wanted):
            if position in chosen:
                continue
            fitting = next((found for found in left if _same_place(one, found) and condition(one, found)), None)
            if fitting:
                chosen[position] = fitting
                left.remove(fitting)
    return [(one, chosen.get(position)) for position, one in enumerate(wanted)], left


def _shown(settings: Settings, tags: dict[str, str] | None) -> dict[str, t.Any]:
    return settings.as_dict() | {"tags": tags or {}}


def _tag_change(one: Wanted, found: FlowLog, purge_tags: bool) -> Change | None:
    if one.tags is None:
        return None
    to_set = {key: value for key, value in one.tags.items() if found.tags.get(key) != value}
    to_remove = tuple(sorted(found.tags.keys() - one.tags.keys())) if purge_tags else ()
    if not to_set and not to_remove:
        return None
    after = {key: value for key, value in found.tags.items() if key not in to_remove} | to_set
    target = Target(one, found.flow_log_id, to_set, to_remove)
    return _change("update", one.name, {"tags": found.tags}, {"tags": after}, target)


def _plan_one(one: Wanted, found: FlowLog | None, purge_tags: bool) -> Change | None:
    if found is None:
        return _change("create", one.name, None, _shown(one.settings, one.tags), Target(one))
    settings = one.settings.over(found.settings)
    if found.settings != settings:
        tags = found.tags if one.tags is None else one.tags
        kept = dataclasses.replace(one, tags=tags, settings=settings)
        before, after = _shown(found.settings, found.tags), _shown(settings, tags)
        return _change("replace", one.name, before, after, Target(kept, found.flow_log_id))
    return _tag_change(one, found, purge_tags)


def _removal(name: str, found: FlowLog) -> Change:
    return _change("delete", name, _shown(found.settings, found.tags), None, Target(None, found.flow_log_id))


def _change(action: str, name: str, before: t.Any, after: t.Any, target: Target) -> Change:
    return Change(action, "flow log", name, before, after, data=target)


def plan(
    wanted: t.Sequence[Wanted],
    current: t.Sequence[FlowLog],
    *,
    absent: bool = False,
    purge: bool = False,
    purge_tags: bool = True,
) -> list[Change]:
    """Plan the changes from the flow logs that exist to those wanted (or, with `absent`, unwanted)."""
    pairs, left = match(wanted, current)
    if absent:
        changes = [_removal(one.name, found) for one, found in pairs if found]
    else:
        changes = [change for one, found in pairs if (change := _plan_one(one, found, purge_tags))]
    if purge:
        changes += [_removal(f"{found.flow_log_id} of {found.resource_id}", found) for found in left]
    return changes


def problems(wanted: t.Sequence[Wanted], *, absent: bool = False) -> list[str]:
    """Check the list by itself."""
    found = []
    seen = set()
    for one in wanted:
        if one.resource_id:
            resource_type(one.resource_id)
        if (one.label, one.settings) in seen:
            found.append(f"The flow log {one.name} is listed twice.")
        seen.add((one.label, one.settings))
        if one.settings.destination_type == CLOUD_WATCH_LOGS and not one.settings.role_arn and not absent:
            found.append(
                f"The flow log {one.name} needs a role_arn: VPC flow logs write to CloudWatch Logs under a role."
            )
        stated = [name for name in S3_OPTIONS if getattr(one.settings, name) is not None]
        if stated and one.settings.destination_type != "s3":
            found.append(f"The flow log {one.name}: {', '.join(stated)} is for flow logs to S3.")
        if not one.settings.destination.startswith("arn:"):
            found.append(f"The flow log {one.name}: its destination must be an ARN, of a log group or of a bucket.")
    return found
