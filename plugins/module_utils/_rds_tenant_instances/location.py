# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Find where tenants' dedicated instances are by now: a failover moves them, and those without a replica stay. Pure functions.

Tenants are judged one by one: one whose instance is in another region is left as it is, and keeps none of the others.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.model import (
    Instance,
    State,
    Wanted,
    region_of,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._tenant_names import (
    INSTANCE_LENGTH,
    identifier,
)


@dataclasses.dataclass(frozen=True)
class Settled:
    """What a run keeps, why it leaves the other tenants, and what it leaves of those that it keeps."""

    kept: tuple[Wanted, ...]
    left: dict[str, str]
    warnings: tuple[str, ...]


def settle(entries: t.Sequence[Wanted], state: State, name_prefix: str) -> Settled:
    """Decide for each tenant whether its instance is in this run's region, and whether its replica can be kept."""
    kept, left, warnings = [], {}, []
    for wanted in entries:
        why = (
            ""
            if wanted.state == "absent"
            else _elsewhere(wanted, state) or _under_another_name(wanted, state, name_prefix)
        )
        if why:
            left[wanted.tenant] = why
            continue
        leaving = _old_writer(wanted, state)
        if leaving:
            warnings.append(leaving)
        kept.append(dataclasses.replace(wanted, replica=None) if leaving else wanted)
    return Settled(tuple(kept), left, tuple(warnings))


def _elsewhere(wanted: Wanted, state: State) -> str:
    """Return where the instance is, if that is another region: this one has its replica, or nothing."""
    here, there = state.at(wanted.at), state.at(wanted.elsewhere)
    if here and _is_of_another_region(here):
        return (
            f"{wanted.tenant}: {wanted.at.label} is a read replica of {here.source}, where the tenant's instance is. It stays as "
            "it is. Fix: db_switchover.yml moves it."
        )
    if here is None and there and not there.source:
        allowed = "" if wanted.allows(there.region) else ", where its residency doesn't allow it"
        return (
            f"{wanted.tenant}: its instance is {there.identifier} in {there.region}{allowed}, and has no replica in "
            f"{wanted.at.region}. It is left as it is."
        )
    return ""


def _under_another_name(wanted: Wanted, state: State, name_prefix: str) -> str:
    """Return which instance the tenant has here, if the settings name another one that isn't there."""
    usual = identifier(wanted.tenant, INSTANCE_LENGTH, name_prefix)
    if not name_prefix or usual == wanted.at.identifier or state.at(wanted.at):
        return ""
    if (wanted.at.region, usual) not in state.instances:
        return ""
    return (
        f"{wanted.tenant}: {wanted.at.label} is not there, and {usual} is: a failover moved it. It is left as it is. Fix: state "
        f"identifier: {usual} in its entry."
    )


def _old_writer(wanted: Wanted, state: State) -> str:
    """Return that the replica's place is taken by the writer that a failover left."""
    here, there = state.at(wanted.at), state.at(wanted.replica)
    if not here or not there or here.source or there.source in (here.arn, here.identifier):
        return ""
    return (
        f"{wanted.tenant}: {wanted.replica.label} is no replica of {wanted.at.label}: a failover left it. It stays as it is, "
        "and the tenant has no replica until db_rebuild_replica.yml has removed it."
    )


def _is_of_another_region(instance: Instance) -> bool:
    return bool(instance.source) and region_of(instance.source or "") not in ("", instance.region)
