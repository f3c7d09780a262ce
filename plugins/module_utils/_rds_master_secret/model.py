# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The secret of an instance's master user, as wanted and as it is, and the way between the two. Pure functions, no client.

Which version of the secret the instance's password is, a tag of the instance says: whoever stops in between leaves the secret
ahead of the instance, and the next run follows it.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Finding
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

VERSION_TAG = "master-secret-version"


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What the module was asked for. ``replicas`` are keys by region; ``tags`` None leaves them alone."""

    name: str
    instance: str
    username: str
    kms_key: str | None
    replicas: dict[str, str | None]
    tags: dict[str, str] | None
    rotate: bool

    @property
    def password(self) -> str:
        return f"master password of {self.instance}"


@dataclasses.dataclass(frozen=True)
class Secret:
    """The secret in the module's region. ``version`` is the one that is current."""

    arn: str
    version: str
    doomed: bool
    primary_region: str
    replicas: frozenset[str]
    tags: dict[str, str]


@dataclasses.dataclass(frozen=True)
class State:
    """What was read. ``applied`` is the version that the instance's password is; None for one that nobody set.

    ``doomed_elsewhere``: regions to replicate to that still have a secret of this name, waiting for its deletion.
    """

    secret: Secret | None
    instance_arn: str | None
    status: str | None
    master_username: str | None
    applied: str | None
    is_replica: bool
    doomed_elsewhere: frozenset[str] = frozenset()


def check(wanted: Wanted, state: State, region: str) -> list[Finding]:
    """What keeps the secret from being made and set."""
    found = []
    if state.instance_arn is None:
        found.append(Finding("not_yet", wanted.instance, f"There is no DB instance {wanted.instance} in {region}."))
    elif state.is_replica:
        text = f"{wanted.instance} in {region} is a read replica, and has its source's password. Run this in the source's region."
        found.append(Finding("wrong", wanted.instance, text))
    elif state.master_username != wanted.username:
        text = f"The master user of {wanted.instance} is {state.master_username}, not {wanted.username}: RDS can't change it."
        found.append(Finding("wrong", wanted.instance, text))
    if state.secret and state.secret.primary_region != region:
        text = (
            f"The secret {wanted.name} in {region} is a replica of {state.secret.primary_region}'s, and read-only. "
            "Promote it first (aws secretsmanager stop-replication-to-replica)."
        )
        found.append(Finding("wrong", wanted.name, text))
    if region in wanted.replicas:
        found.append(Finding("wrong", wanted.name, f"{wanted.name}: a replica in {region}, its own region, is none."))
    return found


def plan(wanted: Wanted, state: State, rotated: bool) -> list[Change]:
    """The steps in their order: the password is in the secret before it is the instance's. ``rotated``: that was done."""
    secret, steps = state.secret, []
    name = f"secret {wanted.name}"
    if secret is None:
        steps.append(Change("create", name, None, {"tags": wanted.tags or {}}))
    elif secret.doomed:
        steps.append(Change("restore", name))
    elif wanted.rotate and not rotated:
        steps.append(Change("rotate", name))
    if secret and wanted.tags is not None and secret.tags != wanted.tags:
        steps.append(Change("tag", name, {"tags": secret.tags}, {"tags": wanted.tags}))
    held = secret.replicas if secret else frozenset()
    steps += [
        Change(
            "replace" if region in state.doomed_elsewhere else "create",
            f"{name} in {region}",
            None,
            {"kms_key": wanted.replicas[region]},
            region,
        )
        for region in sorted(set(wanted.replicas) - held)
    ]
    steps += [Change("delete", f"{name} in {region}", region=region) for region in sorted(held - set(wanted.replicas))]
    if secret is None or state.applied != secret.version or any(step.action == "rotate" for step in steps):
        steps.append(Change("set", wanted.password))
    return steps


def plan_absent(wanted: Wanted, state: State) -> list[Change]:
    """The steps to no secret: AWS deletes none that has replicas, and keeps what it deletes for some days."""
    secret, name = state.secret, f"secret {wanted.name}"
    if secret is None or secret.doomed:
        return []
    steps = [Change("delete", f"{name} in {region}", region=region) for region in sorted(secret.replicas)]
    return [*steps, Change("delete", name)]


def summary(wanted: Wanted, state: State) -> dict[str, t.Any]:
    """What may be told of it."""
    secret = state.secret
    return {
        "name": wanted.name,
        "arn": secret.arn if secret else None,
        "version": secret.version if secret else None,
        "applied_version": state.applied,
        "replica_regions": sorted(secret.replicas) if secret else [],
    }
