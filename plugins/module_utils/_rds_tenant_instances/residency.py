# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Compare where a tenant's data may be with where it is or would be. Pure functions."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Finding
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.checks import wrong
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.model import (
    Instance,
    State,
    Wanted,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.plan import replicas_of


class Copy(t.NamedTuple):
    """What RDS keeps of an instance in another region, in words, and the command that removes it."""

    what: str
    removal: str


def copies_of(instance: Instance) -> dict[str, Copy]:
    """Return what RDS keeps of an instance in other regions, by region."""
    found = {
        place.region: Copy(
            f"the read replica {place.identifier}",
            f"aws rds delete-db-instance --region {place.region} --skip-final-snapshot "
            f"--db-instance-identifier {place.identifier}",
        )
        for place in replicas_of(instance)
    }
    for region in instance.backup_regions:
        backups = Copy(
            "its replicated automated backups",
            f"aws rds stop-db-instance-automated-backups-replication --region {region} "
            f"--source-db-instance-arn {instance.arn}",
        )
        found.setdefault(region, backups)
    return {region: copy for region, copy in found.items() if region != instance.region}


def check_dedicated(entries: t.Sequence[Wanted], state: State) -> list[Finding]:
    """Find dedicated instances, replicas and backups outside of their tenants' residency."""
    return wrong(text for wanted in entries if wanted.state != "absent" for text in _dedicated(wanted, state))


def _dedicated(wanted: Wanted, state: State) -> t.Iterator[str]:
    if not wanted.allows(wanted.at.region):
        yield (
            f"{wanted.tenant} may be in {_listed(wanted.residency)} only, and its instance would be in "
            f"{wanted.at.region}. Fix: keep this tenant in a region that its residency names."
        )
    if wanted.replica and not wanted.allows(wanted.replica.region):
        yield (
            f"{wanted.tenant} asks for a replica in {wanted.replica.region}, where its residency "
            f"({_listed(wanted.residency)}) doesn't allow it. Fix: change one of the two."
        )
    instance = state.at(wanted.at)
    for region, copy in copies_of(instance).items() if instance else ():
        if not wanted.allows(region):
            yield (
                f"{wanted.tenant} may be in {_listed(wanted.residency)} only, but there is {copy.what} of {wanted.at.label} "
                f"in {region}. Fix: remove it ({copy.removal}), or widen the residency."
            )


def check_shared(residencies: t.Mapping[str, frozenset[str]], shared: Instance, at: str) -> list[Finding]:
    """Find tenants whose residency the shared instance or a copy of it is outside of; ``residencies`` are by tenant."""
    places = {at: "the instance itself"} | {region: copy.what for region, copy in copies_of(shared).items()}
    return wrong(
        f"{tenant} may be in {_listed(allowed)} only, but the shared instance {shared.identifier} has {what} in {region}. Fix: "
        "give the tenant isolation: instance, without a replica there, or widen its residency."
        for tenant, allowed in residencies.items()
        for region, what in places.items()
        if region not in allowed
    )


def _listed(regions: t.Iterable[str] | None) -> str:
    return " and ".join(sorted(regions or ())) or "no region"
