# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Keys with their aliases, as wanted and as KMS holds them, and the way between the two. Pure functions, no client."""

from __future__ import annotations

import dataclasses
import json
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._kms import model as kms
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.model import Call, Key, Properties
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

_ENABLED = "Enabled"


@dataclasses.dataclass(frozen=True)
class Wanted:
    """A key: an entry of O(keys). None leaves a property as it is."""

    alias: str
    description: str | None = None
    tags: dict[str, str] | None = None
    policy: dict[str, t.Any] | None = None
    rotation_days: int = 365
    multi_region: bool = False
    identity: dict[str, str] = dataclasses.field(default_factory=dict)

    @classmethod
    def from_options(cls, options: dict[str, t.Any], identity_tags: t.Sequence[str]) -> Wanted:
        """An entry as the module got it. Raises ValueError where the policy is no JSON."""
        tags = kms.text_tags(options["tags"])
        changed = {
            "alias": kms.alias_name(options["alias"]),
            "policy": json.loads(options["policy"]) if options["policy"] else None,
            "tags": tags,
            "identity": {name: tags[name] for name in identity_tags if tags and name in tags},
        }
        return cls(**(options | changed))

    @property
    def name(self) -> str:
        """What the key is called in plans and messages."""
        return f"key of {self.alias}"

    def owns(self, tags: dict[str, str]) -> bool:
        """Whether a key with these tags is this entry's, whatever its alias."""
        return all(tags.get(name) == value for name, value in self.identity.items())


@dataclasses.dataclass(frozen=True)
class Seen:
    """What was read for one entry.

    `holder` is the key that the alias stands for. `strays` are keys without any alias that carry the entry's identity:
    a run was cut off before their alias was made.
    """

    holder: Key | None = None
    strays: tuple[Key, ...] = ()

    @property
    def key(self) -> Key | None:
        """The entry's key: the alias's, or else the best of the strays."""
        return self.holder or min(self.strays, key=_preference, default=None)


def _preference(key: Key) -> tuple[bool, float, str]:
    """Keys that can be used come before those that wait for their deletion, older ones before younger ones."""
    return key.state in kms.PENDING, key.created, key.key_id


@dataclasses.dataclass(frozen=True)
class Options:
    """The module's options that are about all entries."""

    present: bool = True
    purge_tags: bool = True
    deletion_window: int = 30


def differences(wanted: Wanted, key: Key, purge_tags: bool) -> tuple[Properties, Properties]:
    """The properties that differ, as they are and as they are to be."""
    before, after = kms.differences(wanted, key, _ENABLED, purge_tags)
    if key.rotation_days != wanted.rotation_days:
        before["RotationDays"], after["RotationDays"] = key.rotation_days, wanted.rotation_days
    return before, after


def _as_created(wanted: Wanted) -> Properties:
    created = {
        "State": _ENABLED,
        "Description": wanted.description or "",
        "Tags": wanted.tags or {},
        "RotationDays": wanted.rotation_days,
        "MultiRegion": wanted.multi_region,
    }
    return created if wanted.policy is None else created | {"Policy": wanted.policy}


def plan_key(wanted: Wanted, seen: Seen, options: Options) -> list[Change]:
    """The changes of one entry."""
    return _plan_present(wanted, seen, options) if options.present else _plan_absent(wanted, seen, options)


def _plan_present(wanted: Wanted, seen: Seen, options: Options) -> list[Change]:
    changes = []
    if seen.key is None:
        changes.append(Change("create", wanted.name, None, _as_created(wanted)))
    else:
        before, after = differences(wanted, seen.key, options.purge_tags)
        if after:
            changes.append(Change("update", wanted.name, before, after))
    if seen.holder is None:
        changes.append(Change("create", wanted.alias, None, {"Target": wanted.name}))
    return changes


def doomed(seen: Seen) -> list[Key]:
    """The keys whose deletion is not scheduled yet."""
    keys = [*([seen.holder] if seen.holder else []), *seen.strays]
    return [key for key in keys if key.state not in kms.PENDING]


def _plan_absent(wanted: Wanted, seen: Seen, options: Options) -> list[Change]:
    after = {"State": kms.PENDING_DELETION, "PendingWindowInDays": options.deletion_window}
    return [
        Change(
            "delete", wanted.name if key is seen.holder else f"{wanted.name}: {key.arn}", {"State": key.state}, after
        )
        for key in doomed(seen)
    ]


def create_call(wanted: Wanted) -> Call:
    """The call that creates the key: tags go with it, so that a run that is cut off leaves no key that can't be recognised."""
    arguments: dict[str, t.Any] = {"MultiRegion": True} if wanted.multi_region else {}
    if wanted.description:
        arguments["Description"] = wanted.description
    if wanted.tags:
        arguments["Tags"] = kms.tag_list(wanted.tags)
    if wanted.policy is not None:
        arguments["Policy"] = json.dumps(wanted.policy)
    return Call("CreateKey", arguments)


def calls(wanted: Wanted, seen: Seen, options: Options) -> list[Call]:
    """The calls that carry out the plan for a key that exists, in their order."""
    if not options.present:
        window = {"PendingWindowInDays": options.deletion_window}
        return [Call("ScheduleKeyDeletion", {"KeyId": key.key_id} | window) for key in doomed(seen)]
    key = seen.key
    _before, after = differences(wanted, key, options.purge_tags)
    named = {"KeyId": key.key_id}
    made = []
    if "State" in after:
        made += [Call("CancelKeyDeletion", named)] if key.state in kms.PENDING else []
        made.append(Call("EnableKey", named))
    if "RotationDays" in after:
        made.append(_rotation_call(named, wanted.rotation_days))
    if "Description" in after:
        made.append(Call("UpdateKeyDescription", named | {"Description": wanted.description}))
    if "Tags" in after:
        made += kms.tag_calls(key, after["Tags"])
    if "Policy" in after:
        made.append(Call("PutKeyPolicy", named | {"PolicyName": "default", "Policy": json.dumps(wanted.policy)}))
    if seen.holder is None:
        made.append(Call("CreateAlias", {"AliasName": wanted.alias, "TargetKeyId": key.key_id}))
    return made


def _rotation_call(named: dict[str, str], days: int) -> Call:
    if days:
        return Call("EnableKeyRotation", named | {"RotationPeriodInDays": days})
    return Call("DisableKeyRotation", named)
