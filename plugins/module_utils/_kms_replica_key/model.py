# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Replicas of multi-Region keys, as wanted and as KMS holds them, and the way between the two. Pure functions, no client.

A replica shares its primary's key ID. Its alias, description, tags, policy and state are its own.
"""

from __future__ import annotations

import dataclasses
import json
import re
import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.policy import compare_policies
from ansible_collections.amazon.aws.plugins.module_utils.tagging import compare_aws_tags
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

_KEY_ID = re.compile(r"(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})")
PENDING_DELETION = "PendingDeletion"


def alias_name(name: str) -> str:
    """KMS's name of an alias, which may be given without its `alias/`."""
    return name if name.startswith("alias/") else f"alias/{name}"


@dataclasses.dataclass(frozen=True)
class Wanted:
    """A replica: an entry of O(keys). None leaves a property as it is."""

    primary: str
    primary_region: str
    replica_region: str
    alias: str
    description: str | None = None
    tags: dict[str, str] | None = None
    policy: dict[str, t.Any] | None = None
    enabled: bool = True

    @classmethod
    def from_options(cls, options: dict[str, t.Any], region: str) -> Wanted:
        """An entry as the module got it; `region` is the module's own. Raises ValueError where the policy is no JSON."""
        primary = options["primary"]
        parts = primary.split(":", 5)
        if len(parts) == 6:
            region = parts[3]
        elif not _KEY_ID.fullmatch(primary):
            primary = alias_name(primary)
        policy = json.loads(options["policy"]) if options["policy"] else None
        tags = None if options["tags"] is None else {str(key): str(value) for key, value in options["tags"].items()}
        changed = {"primary": primary, "alias": alias_name(options["alias"]), "policy": policy, "tags": tags}
        return cls(**(options | changed), primary_region=region)

    @property
    def name(self) -> str:
        """What the replica is called in plans and messages."""
        return f"replica of {self.primary} in {self.replica_region}"

    @property
    def key_id(self) -> str | None:
        """The key ID, where the primary is named by its ID or its key ARN."""
        last = self.primary.split(":", 5)[-1].removeprefix("key/")
        return last if _KEY_ID.fullmatch(last) else None


@dataclasses.dataclass(frozen=True)
class Key:
    """A key as KMS describes it. `role` is PRIMARY or REPLICA, None for a single-Region key."""

    key_id: str
    arn: str
    state: str
    role: str | None = None
    primary_arn: str | None = None
    origin: str = "AWS_KMS"
    description: str = ""
    tags: dict[str, str] = dataclasses.field(default_factory=dict)
    policy: dict[str, t.Any] = dataclasses.field(default_factory=dict)

    @property
    def settled_state(self) -> str:
        """The state, or the one that a key that is being created comes to by itself."""
        return "Enabled" if self.state == "Creating" else self.state


@dataclasses.dataclass(frozen=True)
class Seen:
    """What was read for one entry. `alias_key_id` is the key that the alias stands for in the replica's region."""

    primary: Key | None = None
    replica: Key | None = None
    alias_key_id: str | None = None
    unreachable: tuple[tuple[str, str], ...] = ()  # region, and what was answered


@dataclasses.dataclass(frozen=True)
class Options:
    """The module's options that are about all entries."""

    present: bool = True
    purge_tags: bool = True
    deletion_window: int = 30


@dataclasses.dataclass(frozen=True)
class Call:
    """A call of the KMS API."""

    operation: str
    arguments: dict[str, t.Any]


def _wanted_state(wanted: Wanted) -> str:
    return "Enabled" if wanted.enabled else "Disabled"


def _wanted_tags(wanted: Wanted, replica: Key, purge: bool) -> dict[str, str]:
    to_set, to_remove = compare_aws_tags(replica.tags, wanted.tags, purge)
    return {key: value for key, value in (replica.tags | to_set).items() if key not in to_remove}


def differences(wanted: Wanted, replica: Key, purge_tags: bool) -> tuple[dict[str, t.Any], dict[str, t.Any]]:
    """The properties that differ, as they are and as they are to be."""
    before: dict[str, t.Any] = {}
    after: dict[str, t.Any] = {}
    pairs = [("State", replica.settled_state, _wanted_state(wanted))]
    if wanted.description is not None:
        pairs.append(("Description", replica.description, wanted.description))
    if wanted.tags is not None:
        pairs.append(("Tags", replica.tags, _wanted_tags(wanted, replica, purge_tags)))
    for name, current, new in pairs:
        if current != new:
            before[name], after[name] = current, new
    if wanted.policy is not None and compare_policies(replica.policy, wanted.policy):
        before["Policy"], after["Policy"] = replica.policy, wanted.policy
    return before, after


def _as_created(wanted: Wanted) -> dict[str, t.Any]:
    created = {"State": _wanted_state(wanted), "Description": wanted.description or "", "Tags": wanted.tags or {}}
    return created if wanted.policy is None else created | {"Policy": wanted.policy}


def plan_key(wanted: Wanted, seen: Seen, options: Options) -> list[Change]:
    """The changes of one entry: at most one of the key, and one of its alias."""
    return _plan_present(wanted, seen, options) if options.present else _plan_absent(wanted, seen, options)


def _plan_present(wanted: Wanted, seen: Seen, options: Options) -> list[Change]:
    changes = []
    region = wanted.replica_region
    if seen.replica is None:
        changes.append(Change("create", wanted.name, None, _as_created(wanted), region))
    else:
        before, after = differences(wanted, seen.replica, options.purge_tags)
        if after:
            changes.append(Change("update", wanted.name, before, after, region))
    if seen.alias_key_id is None:
        changes.append(Change("create", f"{wanted.alias} in {region}", None, {"Target": wanted.name}, region))
    return changes


def _plan_absent(wanted: Wanted, seen: Seen, options: Options) -> list[Change]:
    if seen.replica is None:
        return []
    changes = []
    region = wanted.replica_region
    if seen.replica.state != PENDING_DELETION:
        after = {"State": PENDING_DELETION, "PendingWindowInDays": options.deletion_window}
        changes.append(Change("delete", wanted.name, {"State": seen.replica.state}, after, region))
    if seen.alias_key_id == seen.replica.key_id:
        changes.append(Change("delete", f"{wanted.alias} in {region}", {"Target": wanted.name}, None, region))
    return changes


def replicate_call(wanted: Wanted, primary: Key) -> Call:
    """The call that creates the replica, made in the primary's region."""
    arguments: dict[str, t.Any] = {"KeyId": primary.key_id, "ReplicaRegion": wanted.replica_region}
    if wanted.description:
        arguments["Description"] = wanted.description
    if wanted.tags:
        arguments["Tags"] = _tag_list(wanted.tags)
    if wanted.policy is not None:
        arguments["Policy"] = json.dumps(wanted.policy)
    return Call("ReplicateKey", arguments)


def replica_calls(wanted: Wanted, seen: Seen, options: Options) -> list[Call]:
    """The calls in the replica's region that carry out the plan for a replica that exists, in their order."""
    if not options.present:
        return _delete_calls(wanted, seen, options)
    replica = seen.replica
    _before, after = differences(wanted, replica, options.purge_tags)
    key = {"KeyId": replica.key_id}
    calls = []
    if "State" in after:
        calls += [Call("CancelKeyDeletion", key)] if replica.state == PENDING_DELETION else []
        calls += [Call("EnableKey" if wanted.enabled else "DisableKey", key)]
    if "Description" in after:
        calls.append(Call("UpdateKeyDescription", key | {"Description": wanted.description}))
    if "Tags" in after:
        calls += _tag_calls(replica, after["Tags"])
    if "Policy" in after:
        calls.append(Call("PutKeyPolicy", key | {"PolicyName": "default", "Policy": json.dumps(wanted.policy)}))
    if seen.alias_key_id is None:
        calls.append(Call("CreateAlias", {"AliasName": wanted.alias, "TargetKeyId": replica.key_id}))
    return calls


def _delete_calls(wanted: Wanted, seen: Seen, options: Options) -> list[Call]:
    """The alias goes last: where the primary is gone, a run that was cut off finds the replica by it."""
    calls = []
    if seen.replica.state != PENDING_DELETION:
        window = {"KeyId": seen.replica.key_id, "PendingWindowInDays": options.deletion_window}
        calls.append(Call("ScheduleKeyDeletion", window))
    if seen.alias_key_id == seen.replica.key_id:
        calls.append(Call("DeleteAlias", {"AliasName": wanted.alias}))
    return calls


def _tag_calls(replica: Key, tags: dict[str, str]) -> list[Call]:
    calls = []
    to_set = {key: value for key, value in tags.items() if replica.tags.get(key) != value}
    to_remove = sorted(set(replica.tags) - set(tags))
    if to_set:
        calls.append(Call("TagResource", {"KeyId": replica.key_id, "Tags": _tag_list(to_set)}))
    if to_remove:
        calls.append(Call("UntagResource", {"KeyId": replica.key_id, "TagKeys": to_remove}))
    return calls


def _tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"TagKey": key, "TagValue": value} for key, value in tags.items()]
