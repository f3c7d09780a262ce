# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Compare replication configurations as wanted and as S3 holds them, and plan the changes. Pure functions, no client.

A bucket has one replication configuration: one role, and rules each with an identifier, a prefix and a destination. Rules
are compared in a canonical form: S3's own structure, with everything left out that is at S3's default.
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

Rule = dict[str, t.Any]

RULE_ID_LENGTH = 255
# The only value that S3 takes.
_RTC_TIME = {"Minutes": 15}
_ENABLED = {"Status": "Enabled"}


@dataclasses.dataclass(frozen=True)
class Replication:
    """A replication from one bucket to another: an entry of O(replications)."""

    bucket: str
    destination_bucket: str
    destination_region: str
    role_arn: str | None = None
    destination_kms_key: str | None = None
    prefixes: tuple[str, ...] = ("",)
    priority: int | None = None
    replication_time_control: bool = False
    metrics: bool = True
    delete_markers: bool = True
    replicate_encrypted: bool = True
    replica_modifications: bool = False
    storage_class: str | None = None

    @classmethod
    def from_options(cls, options: dict[str, t.Any], role_arn: str | None) -> Replication:
        """Make a replication of an entry of O(replications); `role_arn` is the module's own."""
        prefixes = tuple(options["prefixes"] or [""])
        return cls(**(options | {"prefixes": prefixes, "role_arn": options["role_arn"] or role_arn}))


@dataclasses.dataclass(frozen=True)
class Configuration:
    """A bucket's replication configuration as S3 answered it; `exists` is about the bucket."""

    exists: bool = True
    role: str | None = None
    rules: tuple[Rule, ...] = ()

    @property
    def canonical(self) -> dict[str, t.Any] | None:
        """Return the form for comparisons and diffs; None where nothing is replicated."""
        if not self.rules:
            return None
        return describe_rules(self.role, [canonical_rule(rule) for rule in self.rules])


def describe_rules(role: str | None, rules: t.Iterable[Rule]) -> dict[str, t.Any]:
    """Return a configuration with its rules sorted by ID, so that equal ones are equal."""
    return {"Role": role, "Rules": sorted(rules, key=lambda rule: rule["ID"])}


def _is_enabled(parent: dict[str, t.Any], name: str) -> bool:
    return (parent.get(name) or {}).get("Status") == "Enabled"


def canonical_rule(rule: Rule) -> Rule:
    """Return a rule with everything left out that is at S3's default, so that equal rules are equal."""
    result: Rule = {"ID": rule.get("ID", ""), "Priority": rule.get("Priority", 0), "Status": rule["Status"]}
    if "Filter" in rule:
        result["Filter"] = _canonical_filter(rule["Filter"] or {})
        result["DeleteMarkerReplication"] = rule.get("DeleteMarkerReplication") or {"Status": "Disabled"}
    else:  # the older schema, under which S3 handles delete markers differently
        result["Prefix"] = rule.get("Prefix", "")
    criteria = rule.get("SourceSelectionCriteria") or {}
    selected = {name: dict(_ENABLED) for name in sorted(criteria) if _is_enabled(criteria, name)}
    if selected:
        result["SourceSelectionCriteria"] = selected
    result["Destination"] = _canonical_destination(rule["Destination"], "SseKmsEncryptedObjects" in selected)
    return result


def _canonical_filter(rule_filter: dict[str, t.Any]) -> dict[str, t.Any]:
    both = rule_filter.get("And") or {}
    tags = both.get("Tags") or ([rule_filter["Tag"]] if rule_filter.get("Tag") else [])
    result: dict[str, t.Any] = {"Prefix": rule_filter.get("Prefix") or both.get("Prefix") or ""}
    if tags:
        result["Tags"] = sorted(tags, key=lambda tag: tag["Key"])
    return result


def _canonical_destination(destination: dict[str, t.Any], encrypted: bool) -> dict[str, t.Any]:
    kept = ("Bucket", "Account", "AccessControlTranslation", "StorageClass")
    result = {name: destination[name] for name in kept if destination.get(name)}
    if encrypted and destination.get("EncryptionConfiguration"):
        result["EncryptionConfiguration"] = destination["EncryptionConfiguration"]
    for name in ("ReplicationTime", "Metrics"):
        if _is_enabled(destination, name):
            result[name] = destination[name]
    return result


def rule_id(destination_bucket: str, prefix: str) -> str:
    """Return the ID of our rule: the same in every run, and readable where it fits."""
    name = f"{destination_bucket}/{prefix}" if prefix else destination_bucket
    if len(name) <= RULE_ID_LENGTH:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:16]
    return f"{name[: RULE_ID_LENGTH - len(digest) - 1]}-{digest}"


def wanted_rules(
    replications: t.Sequence[Replication], current: t.Sequence[Rule], kept: t.Sequence[Rule]
) -> list[Rule]:
    """Return the canonical rules of one bucket's entries.

    A rule without a stated priority keeps the one it has, else it takes the lowest that is free: the order of the list
    does not matter.
    """
    entries = [(entry, position, prefix) for entry in replications for position, prefix in enumerate(entry.prefixes)]
    ids = [rule_id(entry.destination_bucket, prefix) for entry, _position, prefix in entries]
    stated = [None if entry.priority is None else entry.priority + position for entry, position, _prefix in entries]
    taken = {rule.get("Priority", 0) for rule in kept} | {priority for priority in stated if priority is not None}
    held = {rule.get("ID"): rule.get("Priority", 0) for rule in current}
    priorities = list(stated)
    for index, identifier in enumerate(ids):
        if priorities[index] is None and identifier in held and held[identifier] not in taken:
            priorities[index] = held[identifier]
            taken.add(held[identifier])
    free = (number for number in itertools.count(1) if number not in taken)
    return [
        _wanted_rule(entry, identifier, prefix, next(free) if priority is None else priority)
        for (entry, _position, prefix), identifier, priority in zip(entries, ids, priorities, strict=True)
    ]


def _wanted_rule(entry: Replication, identifier: str, prefix: str, priority: int) -> Rule:
    destination: dict[str, t.Any] = {"Bucket": f"arn:{_partition(entry)}:s3:::{entry.destination_bucket}"}
    if entry.storage_class:
        destination["StorageClass"] = entry.storage_class
    selected = {}
    if entry.destination_kms_key and entry.replicate_encrypted:
        destination["EncryptionConfiguration"] = {"ReplicaKmsKeyID": entry.destination_kms_key}
        selected["SseKmsEncryptedObjects"] = dict(_ENABLED)
    if entry.replica_modifications:
        selected["ReplicaModifications"] = dict(_ENABLED)
    if entry.metrics:
        destination["Metrics"] = dict(_ENABLED)
    if entry.replication_time_control:
        destination["ReplicationTime"] = _ENABLED | {"Time": dict(_RTC_TIME)}
        destination["Metrics"] = _ENABLED | {"EventThreshold": dict(_RTC_TIME)}
    rule: Rule = {
        "ID": identifier,
        "Priority": priority,
        "Status": "Enabled",
        "Filter": {"Prefix": prefix},
        "DeleteMarkerReplication": {"Status": "Enabled" if entry.delete_markers else "Disabled"},
        "Destination": destination,
    }
    if selected:
        rule["SourceSelectionCriteria"] = selected
    return rule


def _partition(entry: Replication) -> str:
    """Return AWS's partition (aws, aws-cn, aws-us-gov): both buckets and the role are in the same one."""
    parts = (entry.role_arn or "").split(":")
    return parts[1] if len(parts) > 1 and parts[1] else "aws"


def by_bucket(replications: t.Sequence[Replication]) -> dict[str, list[Replication]]:
    """Group the entries by source bucket, in the order given."""
    result: dict[str, list[Replication]] = {}
    for entry in replications:
        result.setdefault(entry.bucket, []).append(entry)
    return result


def _kept_rules(entries: t.Sequence[Replication], current: Configuration, purge: bool, present: bool) -> list[Rule]:
    """The rules of a bucket that this run leaves alone."""
    if purge:
        return []
    if present:
        ours = {rule_id(entry.destination_bucket, prefix) for entry in entries for prefix in entry.prefixes}
        return [rule for rule in current.rules if rule.get("ID") not in ours]
    destinations = {entry.destination_bucket for entry in entries}
    return [rule for rule in current.rules if rule["Destination"]["Bucket"].split(":::")[-1] not in destinations]


def _as_newer(rules: t.Sequence[Rule], taken: set[int]) -> list[Rule]:
    """Return rules of the older schema in the newer one, in which ours are: S3 takes no configuration with both.

    They replicated delete markers, and don't overlap, so that any free priority does.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html#replication-backward-compat-considerations
    """
    free = (number for number in itertools.count(1) if number not in taken)
    newer = {"DeleteMarkerReplication": dict(_ENABLED)}
    return [
        canonical_rule(rule | newer | {"Priority": next(free), "Filter": {"Prefix": rule.get("Prefix", "")}})
        for rule in rules
    ]


def wanted_configuration(
    entries: t.Sequence[Replication], current: Configuration, *, purge: bool, present: bool
) -> dict[str, t.Any] | None:
    """Return the canonical configuration that a bucket needs; None where it needs none."""
    kept = _kept_rules(entries, current, purge, present)
    if present:
        newer = [rule for rule in kept if "Filter" in rule]
        rules = [*map(canonical_rule, newer), *wanted_rules(entries, current.rules, newer)]
        rules += _as_newer([rule for rule in kept if "Filter" not in rule], {rule["Priority"] for rule in rules})
    else:
        rules = [canonical_rule(rule) for rule in kept]
    role = entries[0].role_arn if present else current.role
    return describe_rules(role, rules) if rules else None


def plan_replications(
    replications: t.Sequence[Replication], current: dict[str, Configuration], *, purge: bool, present: bool, region: str
) -> dict[str, Change]:
    """Plan one change for each source bucket whose configuration differs from the wanted one, by bucket."""
    changes = {}
    for bucket, entries in by_bucket(replications).items():
        before = current[bucket].canonical
        after = wanted_configuration(entries, current[bucket], purge=purge, present=present)
        if before != after:
            action = "create" if before is None else "delete" if after is None else "update"
            changes[bucket] = Change(
                action,
                "replication",
                bucket,
                before,
                after,
                region,
                title=f"replication of bucket {bucket}",
                data=_to_write(after, current[bucket]) if after else None,
            )
    return changes


def _to_write(after: dict[str, t.Any], current: Configuration) -> dict[str, t.Any]:
    """Return the configuration to put: rules that stay as they are are sent exactly as they were read."""
    as_answered = {rule.get("ID"): rule for rule in current.rules}

    def wire(rule: Rule) -> Rule:
        answered = as_answered.get(rule["ID"])
        return answered if answered and canonical_rule(answered) == rule else rule

    return {"Role": after["Role"], "Rules": [wire(rule) for rule in after["Rules"]]}
