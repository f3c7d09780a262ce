# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Where a tenant's data may be, and where they would be or are. Pure functions."""

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


def copies_of(instance: Instance) -> dict[str, str]:
    """What RDS keeps of an instance in other regions: the region, and what it is."""
    found = {place.region: f"the read replica {place.identifier}" for place in replicas_of(instance)}
    for region in instance.backup_regions:
        found.setdefault(region, "its replicated automated backups")
    return {region: what for region, what in found.items() if region != instance.region}


def check_own(entries: t.Sequence[Wanted], state: State) -> list[Finding]:
    """Tenants with an instance of their own."""
    return wrong(text for wanted in entries if wanted.state != "absent" for text in _own(wanted, state))


def _own(wanted: Wanted, state: State) -> t.Iterator[str]:
    if not wanted.allows(wanted.at.region):
        yield (
            f"{wanted.tenant} may be in {_listed(wanted.residency)} only, and its instance would be in "
            f"{wanted.at.region}. Keep this tenant in a region that its residency names."
        )
    if wanted.replica and not wanted.allows(wanted.replica.region):
        yield (
            f"{wanted.tenant} asks for a replica in {wanted.replica.region}, where its residency "
            f"({_listed(wanted.residency)}) doesn't let it be. Take the one or the other back."
        )
    instance = state.at(wanted.at)
    for region, what in copies_of(instance).items() if instance else ():
        if not wanted.allows(region):
            yield (
                f"{wanted.tenant} may be in {_listed(wanted.residency)} only, but there is {what} of {wanted.at.label} "
                f"in {region}. Remove it ({_cure(what, instance, region)}), or widen the residency."
            )


def check_shared(residencies: t.Mapping[str, frozenset[str]], shared: Instance, at: str) -> list[Finding]:
    """Tenants with a schema on the shared instance; ``residencies`` by tenant, of those that have one."""
    places = {at: "the instance itself"} | copies_of(shared)
    return wrong(
        f"{tenant} may be in {_listed(allowed)} only, but the shared instance {shared.identifier} has {what} in {region}. Give the "
        "tenant isolation: instance, without a replica there, or widen its residency."
        for tenant, allowed in residencies.items()
        for region, what in places.items()
        if region not in allowed
    )


def _cure(what: str, instance: Instance, region: str) -> str:
    if "replica " in what:
        return f"aws rds delete-db-instance --region {region} --skip-final-snapshot --db-instance-identifier {what.split()[-1]}"
    return f"aws rds stop-db-instance-automated-backups-replication --region {region} --source-db-instance-arn {instance.arn}"


def _listed(regions: t.Iterable[str] | None) -> str:
    return " and ".join(sorted(regions or ())) or "no region"
