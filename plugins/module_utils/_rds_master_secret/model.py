# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Model the secret of an instance's master user, and plan its changes. Pure functions, no client.

A tag of the instance says which version of the secret its password is. A run that is cut off leaves the secret ahead of the
instance, and the next run sets the password.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Finding
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

VERSION_TAG = "master-secret-version"


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What the options ask for. ``replicas`` are keys by region; ``tags`` None leaves the tags alone."""

    name: str
    instance: str
    username: str
    kms_key: str | None
    replicas: dict[str, str | None]
    tags: dict[str, str] | None
    rotate: bool


@dataclasses.dataclass(frozen=True)
class Secret:
    """The secret in the module's region. ``version`` is the current one; ``not_in_sync`` are replicas without its value.

    ``other_keys`` are the keys, by region, of replicas that have another than the wanted one.
    """

    arn: str
    version: str
    pending_deletion: bool
    primary_region: str
    replicas: frozenset[str]
    tags: dict[str, str]
    not_in_sync: frozenset[str] = frozenset()
    other_keys: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class State:
    """What was read. ``applied`` is the version that the instance's password is; None where this module never set it.

    ``pending_deletion_elsewhere``: regions to replicate to where a secret of this name is pending deletion. ``silent``: those that
    don't answer, and so may be lost.
    """

    secret: Secret | None
    instance_arn: str | None
    status: str | None
    master_username: str | None
    applied: str | None
    is_replica: bool
    pending_deletion_elsewhere: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()


def check(wanted: Wanted, state: State, region: str) -> list[Finding]:
    """Find what keeps the secret from being created and set."""
    found = []
    if state.instance_arn is None:
        found.append(Finding("not_yet", wanted.instance, f"There is no DB instance {wanted.instance} in {region}."))
    elif state.is_replica:
        text = (
            f"{wanted.instance} in {region} is a read replica, and has its source's password. "
            "Fix: run this in the source's region."
        )
        found.append(Finding("wrong", wanted.instance, text))
    elif state.master_username != wanted.username:
        text = f"The master user of {wanted.instance} is {state.master_username}, not {wanted.username}: RDS can't change it."
        found.append(Finding("wrong", wanted.instance, text))
    if state.secret and state.secret.primary_region != region:
        text = (
            f"The secret {wanted.name} in {region} is a replica of {state.secret.primary_region}'s, and read-only. "
            "Fix: promote it first (aws secretsmanager stop-replication-to-replica)."
        )
        found.append(Finding("wrong", wanted.name, text))
    if region in wanted.replicas:
        found.append(Finding("wrong", wanted.name, f"{wanted.name} can't have a replica in {region}, its own region."))
    return found


def not_replicated(wanted: Wanted, state: State) -> list[str]:
    """Warn of the regions that the secret is not replicated to by this run, since they don't answer."""
    return [
        f"{region} does not answer, so the secret {wanted.name} is not replicated to it. Fix: run again once it is back; after a "
        "failover that left it, run db_rebuild_replica.yml."
        for region in sorted(state.silent)
    ]


def plan(wanted: Wanted, state: State, rotated: bool) -> list[Change]:
    """Plan the changes in their order: the password is in the secret before it is set. ``rotated``: this run has rotated it."""
    secret, changes, name = state.secret, [], wanted.name
    if secret is None:
        changes.append(Change("create", "secret", name, None, {"tags": wanted.tags or {}}))
    elif secret.pending_deletion:
        changes.append(Change("restore", "secret", name))
    elif wanted.rotate and not rotated:
        changes.append(Change("rotate", "secret", name))
    if secret and wanted.tags is not None and secret.tags != wanted.tags:
        changes.append(Change("tag", "secret", name, {"tags": secret.tags}, {"tags": wanted.tags}))
    held = secret.replicas if secret else frozenset()
    usable = held - secret.not_in_sync if secret else held
    for region in sorted(set(wanted.replicas) - usable - state.silent):
        action = "replace" if region in state.pending_deletion_elsewhere else "create"
        changes.append(_replica(action, name, region, {"kms_key": wanted.replicas[region]}))
    for region, key in sorted((secret.other_keys if secret else {}).items()):
        title = f"key of secret {name} in {region}"
        before, after = {"kms_key": key}, {"kms_key": wanted.replicas[region]}
        changes.append(Change("update", "secret replica key", name, before, after, region, title))
    changes += [_replica("delete", name, region) for region in sorted(held - set(wanted.replicas))]
    if secret is None or state.applied != secret.version or any(change.action == "rotate" for change in changes):
        changes.append(Change("set", "master password", wanted.instance, title=f"master password of {wanted.instance}"))
    return changes


def _replica(action: str, name: str, region: str, after: t.Any = None) -> Change:
    return Change(action, "secret replica", name, None, after, region, title=f"secret {name} in {region}")


def plan_absent(wanted: Wanted, state: State) -> list[Change]:
    """Plan the removal: AWS deletes no secret that has replicas, and keeps a deleted one for some days."""
    secret = state.secret
    if secret is None or secret.pending_deletion:
        return []
    replicas = [_replica("delete", wanted.name, region) for region in sorted(secret.replicas)]
    return [*replicas, Change("delete", "secret", wanted.name)]


def summary(wanted: Wanted, state: State) -> dict[str, t.Any]:
    """Describe the secret for the result, without its value."""
    secret = state.secret
    return {
        "name": wanted.name,
        "arn": secret.arn if secret else None,
        "version": secret.version if secret else None,
        "applied_version": state.applied,
        "replica_regions": sorted(secret.replicas - secret.not_in_sync) if secret else [],
    }
