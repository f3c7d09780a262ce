# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What the modules of KMS keys share: a key as it was read, names, and calls that change tags. Pure functions, no client."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.policy import compare_policies
from ansible_collections.amazon.aws.plugins.module_utils.tagging import compare_aws_tags

PENDING_DELETION = "PendingDeletion"
# A multi-Region primary whose replicas are still there waits without a date.
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
        """The state, or the one that a key that is being created comes to by itself."""
        return "Enabled" if self.state == "Creating" else self.state


class Described(t.Protocol):
    """What an entry may ask of any key. None leaves a property as it is."""

    @property
    def description(self) -> str | None: ...

    @property
    def tags(self) -> dict[str, str] | None: ...

    @property
    def policy(self) -> dict[str, t.Any] | None: ...


@dataclasses.dataclass(frozen=True)
class Call:
    """A call of the KMS API."""

    operation: str
    arguments: dict[str, t.Any]


def alias_name(name: str) -> str:
    """KMS's name of an alias, which may be given without its `alias/`."""
    return name if name.startswith("alias/") else f"alias/{name}"


def text_tags(tags: t.Mapping[t.Any, t.Any] | None) -> dict[str, str] | None:
    """Tags as AWS takes them, all text."""
    return None if tags is None else {str(key): str(value) for key, value in tags.items()}


def differences(wanted: Described, key: Key, state: str, purge_tags: bool) -> tuple[Properties, Properties]:
    """The properties that differ from those wanted, as they are and as they are to be."""
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
    """The calls that make a key's tags be `tags`."""
    to_set = {name: value for name, value in tags.items() if key.tags.get(name) != value}
    to_remove = sorted(set(key.tags) - set(tags))
    calls = []
    if to_set:
        calls.append(Call("TagResource", {"KeyId": key.key_id, "Tags": tag_list(to_set)}))
    if to_remove:
        calls.append(Call("UntagResource", {"KeyId": key.key_id, "TagKeys": to_remove}))
    return calls


def tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    """Tags in the form of the KMS API."""
    return [{"TagKey": key, "TagValue": value} for key, value in tags.items()]
