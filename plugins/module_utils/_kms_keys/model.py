# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Compare keys and their aliases as wanted and as KMS holds them, and plan the changes. Pure functions, no client."""

from __future__ import annotations

import dataclasses
import json
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._kms import model as kms
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.model import Call, Key, Options, Properties
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.uses import Use
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
        """Make a key of an entry of O(keys). Raise ValueError where the policy is no JSON."""
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
        """Name the key in plans and messages."""
        return f"key of {self.alias}"

    def owns(self, tags: dict[str, str]) -> bool:
        """Tell whether a key with these tags is this entry's, whatever its alias."""
        return all(tags.get(name) == value for name, value in self.identity.items())


@dataclasses.dataclass(frozen=True)
class Observed:
    """What was read for one entry.

    `holder` is the key that the alias refers to. `orphans` are keys without any alias that have the entry's identity
    tags: a run was interrupted before it created their alias. `uses` is what is under each of these keys, by ARN, where they are to
    be removed.
    """

    holder: Key | None = None
    orphans: tuple[Key, ...] = ()
    uses: t.Mapping[str, tuple[Use, ...]] = dataclasses.field(default_factory=dict)

    @property
    def key(self) -> Key | None:
        """Return the entry's key: the alias's, or else the best of the orphans."""
        return self.holder or min(self.orphans, key=_preference, default=None)


def _preference(key: Key) -> tuple[bool, float, str]:
    """Sort keys that can be used before those pending deletion, older ones before younger ones."""
    return key.state in kms.PENDING, key.created, key.key_id


def differences(wanted: Wanted, key: Key, purge_tags: bool) -> tuple[Properties, Properties]:
    """Return the properties that differ, as they are and as they are wanted."""
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


def plan_key(wanted: Wanted, observed: Observed, options: Options) -> list[Change]:
    """Plan the changes of one entry. Each change holds the calls that make it."""
    return _plan_present(wanted, observed, options) if options.present else _plan_absent(wanted, observed, options)


def _plan_present(wanted: Wanted, observed: Observed, options: Options) -> list[Change]:
    key, changes = observed.key, []
    if key is None:
        calls = [
            _create_call(wanted),
            *([kms.rotation_call(kms.CREATED, wanted.rotation_days)] if wanted.rotation_days else []),
        ]
        changes.append(_key_change("create", wanted, None, _as_created(wanted), calls))
    else:
        before, after = differences(wanted, key, options.purge_tags)
        if after:
            changes.append(_key_change("update", wanted, before, after, kms.update_calls(key, after)))
    if observed.holder is None:
        call = Call("CreateAlias", {"AliasName": wanted.alias, "TargetKeyId": key.key_id if key else kms.CREATED})
        changes.append(_alias_change(wanted, call))
    return changes


def unscheduled(observed: Observed) -> list[Key]:
    """Return the keys whose deletion is not scheduled yet."""
    keys = [*([observed.holder] if observed.holder else []), *observed.orphans]
    return [key for key in keys if key.state not in kms.PENDING]


def to_delete(observed: Observed) -> list[Key]:
    """Return the keys whose deletion is to be scheduled: nothing is under them."""
    return [key for key in unscheduled(observed) if not observed.uses.get(key.arn)]


def to_keep(observed: Observed) -> list[Key]:
    """Return the keys that something is under, and whose deletion is therefore not scheduled."""
    return [key for key in unscheduled(observed) if observed.uses.get(key.arn)]


def _plan_absent(wanted: Wanted, observed: Observed, options: Options) -> list[Change]:
    window = {"PendingWindowInDays": options.deletion_window}
    after = {"State": kms.PENDING_DELETION} | window
    return [
        _key_change(
            "delete",
            wanted,
            {"State": key.state},
            after,
            [Call("ScheduleKeyDeletion", {"KeyId": key.key_id} | window)],
            title=wanted.name if key is observed.holder else f"{wanted.name}: {key.arn}",
        )
        for key in to_delete(observed)
    ]


def _key_change(
    action: str, wanted: Wanted, before: t.Any, after: t.Any, calls: t.Sequence[Call], title: str = ""
) -> Change:
    return Change(action, "key", wanted.alias, before, after, title=title or wanted.name, data=tuple(calls))


def _alias_change(wanted: Wanted, call: Call) -> Change:
    return Change("create", "alias", wanted.alias, after={"Target": wanted.name}, title=wanted.alias, data=(call,))


def _create_call(wanted: Wanted) -> Call:
    multi_region: dict[str, t.Any] = {"MultiRegion": True} if wanted.multi_region else {}
    return Call("CreateKey", multi_region | kms.create_arguments(wanted))
