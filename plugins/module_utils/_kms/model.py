# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Compare the properties of KMS keys, and build the calls that change them. Pure functions, no client."""

from __future__ import annotations

import dataclasses
import json
import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.policy import compare_policies
from ansible_collections.amazon.aws.plugins.module_utils.tagging import compare_aws_tags

PENDING_DELETION = "PendingDeletion"
# The state of a multi-Region primary key that still has replicas: pending deletion without a date.
PENDING_REPLICA_DELETION = "PendingReplicaDeletion"
PENDING = (PENDING_DELETION, PENDING_REPLICA_DELETION)

Properties = dict[str, t.Any]


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
    rotation_days: int = 0
    spec: str = "SYMMETRIC_DEFAULT"
    created: float = 0.0

    @property
    def settled_state(self) -> str:
        """Return the state, or Enabled for a key that is being created."""
        return "Enabled" if self.state == "Creating" else self.state


class Described(t.Protocol):
    """The properties that an entry may ask of any key. None leaves a property as it is."""

    @property
    def description(self) -> str | None: ...

    @property
    def tags(self) -> dict[str, str] | None: ...

    @property
    def policy(self) -> dict[str, t.Any] | None: ...


@dataclasses.dataclass(frozen=True)
class Options:
    """The module's options that are about all entries."""

    present: bool = True
    purge_tags: bool = True
    deletion_window: int = 30


# In a call's arguments: the ID of the key that the plan creates.
CREATED = "<created>"


@dataclasses.dataclass(frozen=True)
class Call:
    """A call of the KMS API."""

    operation: str
    arguments: dict[str, t.Any]

    def of_key(self, key_id: str | None) -> Call:
        """Return the call with the ID of the created key in it."""
        arguments = {name: key_id if value == CREATED else value for name, value in self.arguments.items()}
        return Call(self.operation, arguments)


def update_calls(key: Key, after: Properties, *, enabled: bool = True) -> list[Call]:
    """Return the calls that make the properties of a key that exists as in `after`, in their order."""
    named = {"KeyId": key.key_id}
    calls = []
    if "State" in after:
        calls += [Call("CancelKeyDeletion", named)] if key.state in PENDING else []
        calls.append(Call("EnableKey" if enabled else "DisableKey", named))
    if "RotationDays" in after:
        calls.append(rotation_call(key.key_id, after["RotationDays"]))
    if "Description" in after:
        calls.append(Call("UpdateKeyDescription", named | {"Description": after["Description"]}))
    if "Tags" in after:
        calls += tag_calls(key, after["Tags"])
    if "Policy" in after:
        calls.append(Call("PutKeyPolicy", named | {"PolicyName": "default", "Policy": json.dumps(after["Policy"])}))
    return calls


def create_arguments(wanted: Described) -> dict[str, t.Any]:
    """Return the arguments of a creation. Tags go with it: an interrupted run leaves a key that can be recognised."""
    arguments: dict[str, t.Any] = {}
    if wanted.description:
        arguments["Description"] = wanted.description
    if wanted.tags:
        arguments["Tags"] = tag_list(wanted.tags)
    if wanted.policy is not None:
        arguments["Policy"] = json.dumps(wanted.policy)
    return arguments


def rotation_call(key_id: str, days: int) -> Call:
    """Return the call that sets the rotation of a key; 0 days turn it off."""
    if days:
        return Call("EnableKeyRotation", {"KeyId": key_id, "RotationPeriodInDays": days})
    return Call("DisableKeyRotation", {"KeyId": key_id})


def alias_name(name: str) -> str:
    """Return KMS's name of an alias, which may be given without its `alias/`."""
    return name if name.startswith("alias/") else f"alias/{name}"


def text_tags(tags: t.Mapping[t.Any, t.Any] | None) -> dict[str, str] | None:
    """Return tags as AWS takes them, all text."""
    return None if tags is None else {str(key): str(value) for key, value in tags.items()}


def differences(wanted: Described, key: Key, state: str, purge_tags: bool) -> tuple[Properties, Properties]:
    """Return the properties that differ from those wanted, as they are and as they are wanted."""
    pairs = [("State", key.settled_state, state)]
    if wanted.description is not None:
        pairs.append(("Description", key.description, wanted.description))
    if wanted.tags is not None:
        pairs.append(("Tags", key.tags, _tags_after(wanted.tags, key.tags, purge_tags)))
    before = {name: current for name, current, new in pairs if current != new}
    after = {name: new for name, current, new in pairs if current != new}
    if wanted.policy is not None and compare_policies(key.policy, wanted.policy):
        before["Policy"], after["Policy"] = key.policy, wanted.policy
    return before, after


def _tags_after(wanted: dict[str, str], current: dict[str, str], purge: bool) -> dict[str, str]:
    to_set, to_remove = compare_aws_tags(current, wanted, purge)
    return {key: value for key, value in (current | to_set).items() if key not in to_remove}


def tag_calls(key: Key, tags: dict[str, str]) -> list[Call]:
    """Return the calls that make a key's tags be `tags`."""
    to_set = {name: value for name, value in tags.items() if key.tags.get(name) != value}
    to_remove = sorted(set(key.tags) - set(tags))
    calls = []
    if to_set:
        calls.append(Call("TagResource", {"KeyId": key.key_id, "Tags": tag_list(to_set)}))
    if to_remove:
        calls.append(Call("UntagResource", {"KeyId": key.key_id, "TagKeys": to_remove}))
    return calls


def tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    """Return tags in the form of the KMS API."""
    return [{"TagKey": key, "TagValue": value} for key, value in tags.items()]
