# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Compare replicas of multi-Region keys as wanted and as KMS holds them, and plan the changes. Pure functions, no client.

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
    Options,
    alias_name,
    create_arguments,
    differences,
    text_tags,
    update_calls,
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
        """Make a replica of an entry of O(keys); `region` is the module's own. Raise ValueError where the policy is no JSON."""
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
        """Name the replica in plans and messages."""
        return f"replica of {self.primary} in {self.replica_region}"

    @property
    def key_id(self) -> str | None:
        """Return the key ID, where the primary is named by its ID or its key ARN."""
        last = self.primary.split(":", 5)[-1].removeprefix("key/")
        return last if _KEY_ID.fullmatch(last) else None


@dataclasses.dataclass(frozen=True)
class Observed:
    """What was read for one entry. `alias_key_id` is the key that the alias refers to in the replica's region."""

    primary: Key | None = None
    replica: Key | None = None
    alias_key_id: str | None = None
    unreachable: tuple[tuple[str, str], ...] = ()  # region, and what was answered


@dataclasses.dataclass(frozen=True)
class Work:
    """The calls of a change, made in the replica's region.

    `replicate` is made before them in the primary's region; a replica with the key ID `wait_for` is waited for.
    """

    wanted: Wanted
    calls: tuple[Call, ...]
    wait_for: str | None = None
    replicate: Call | None = None


def _wanted_state(wanted: Wanted) -> str:
    return "Enabled" if wanted.enabled else "Disabled"


def _as_created(wanted: Wanted) -> dict[str, t.Any]:
    created = {"State": _wanted_state(wanted), "Description": wanted.description or "", "Tags": wanted.tags or {}}
    return created if wanted.policy is None else created | {"Policy": wanted.policy}


def plan_key(wanted: Wanted, observed: Observed, options: Options) -> list[Change]:
    """Plan the changes of one entry: at most one of the key, and one of its alias."""
    return _plan_present(wanted, observed, options) if options.present else _plan_absent(wanted, observed, options)


def _plan_present(wanted: Wanted, observed: Observed, options: Options) -> list[Change]:
    changes, replica, region = [], observed.replica, wanted.replica_region
    key = replica or observed.primary  # both have the same key ID
    key_id = key.key_id if key else None
    wait_for = key_id if replica is None or replica.state == "Creating" else None
    if replica is None:
        disable = () if wanted.enabled else (Call("DisableKey", {"KeyId": key_id}),)
        work = Work(wanted, disable, wait_for, _replicate_call(wanted, key_id))
        changes.append(Change("create", "replica", wanted.name, None, _as_created(wanted), region, wanted.name, work))
    else:
        before, after = differences(wanted, replica, _wanted_state(wanted), options.purge_tags)
        if after:
            work = Work(wanted, tuple(update_calls(replica, after, enabled=wanted.enabled)), wait_for)
            changes.append(Change("update", "replica", wanted.name, before, after, region, wanted.name, work))
    if observed.alias_key_id is None:
        call = Call("CreateAlias", {"AliasName": wanted.alias, "TargetKeyId": key_id})
        changes.append(_alias_change("create", wanted, None, {"Target": wanted.name}, Work(wanted, (call,), wait_for)))
    return changes


def _plan_absent(wanted: Wanted, observed: Observed, options: Options) -> list[Change]:
    """Plan the removal. The alias goes last: where the primary is gone, the next run finds the replica by it."""
    replica, changes = observed.replica, []
    if replica is None:
        return []
    if replica.state != PENDING_DELETION:
        window = {"PendingWindowInDays": options.deletion_window}
        work = Work(wanted, (Call("ScheduleKeyDeletion", {"KeyId": replica.key_id} | window),))
        before, after = {"State": replica.state}, {"State": PENDING_DELETION} | window
        region = wanted.replica_region
        changes.append(Change("delete", "replica", wanted.name, before, after, region, wanted.name, work))
    if observed.alias_key_id == replica.key_id:
        work = Work(wanted, (Call("DeleteAlias", {"AliasName": wanted.alias}),))
        changes.append(_alias_change("delete", wanted, {"Target": wanted.name}, None, work))
    return changes


def _alias_change(action: str, wanted: Wanted, before: t.Any, after: t.Any, work: Work) -> Change:
    title = f"{wanted.alias} in {wanted.replica_region}"
    return Change(action, "alias", wanted.alias, before, after, wanted.replica_region, title, work)


def _replicate_call(wanted: Wanted, key_id: str | None) -> Call:
    """Return the call that creates the replica, made in the primary's region."""
    return Call("ReplicateKey", {"KeyId": key_id, "ReplicaRegion": wanted.replica_region} | create_arguments(wanted))
