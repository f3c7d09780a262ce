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

from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.model import (
    PENDING_DELETION,
    Call,
    Key,
    alias_name,
    differences,
    tag_calls,
    tag_list,
    text_tags,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

_KEY_ID = re.compile(r"(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})")


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
        changed = {
            "primary": primary,
            "alias": alias_name(options["alias"]),
            "policy": policy,
            "tags": text_tags(options["tags"]),
        }
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


def _wanted_state(wanted: Wanted) -> str:
    return "Enabled" if wanted.enabled else "Disabled"


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
        before, after = differences(wanted, seen.replica, _wanted_state(wanted), options.purge_tags)
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
        arguments["Tags"] = tag_list(wanted.tags)
    if wanted.policy is not None:
        arguments["Policy"] = json.dumps(wanted.policy)
    return Call("ReplicateKey", arguments)


def replica_calls(wanted: Wanted, seen: Seen, options: Options) -> list[Call]:
    """The calls in the replica's region that carry out the plan for a replica that exists, in their order."""
    if not options.present:
        return _delete_calls(wanted, seen, options)
    replica = seen.replica
    _before, after = differences(wanted, replica, _wanted_state(wanted), options.purge_tags)
    key = {"KeyId": replica.key_id}
    calls = []
    if "State" in after:
        calls += [Call("CancelKeyDeletion", key)] if replica.state == PENDING_DELETION else []
        calls += [Call("EnableKey" if wanted.enabled else "DisableKey", key)]
    if "Description" in after:
        calls.append(Call("UpdateKeyDescription", key | {"Description": wanted.description}))
    if "Tags" in after:
        calls += tag_calls(replica, after["Tags"])
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
