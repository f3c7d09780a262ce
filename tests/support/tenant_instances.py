# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Make dedicated instances of tenants for unit tests: from options, and as they are when nothing is left to do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_master_secret import model as master
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_parameters import Known
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.model import (
    Instance,
    ParameterGroup,
    Place,
    State,
    Wanted,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.options import (
    wanted_instance,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.plan import kept

HOME, AWAY = "me-west-1", "eu-central-1"
PREFIX = "kc-me-west-1-database-"
DEFAULTS = {
    "instance_class": "db.t4g.small",
    "storage_gib": 20,
    "backup_retention_days": 7,
    "multi_az": True,
    "kms_key": "alias/home",
    "subnets": ["subnet-1", "subnet-2"],
    "security_groups": ["sg-1"],
    "parameters": {"max_connections": 100},
    "tags": {"tier": "database"},
}
STANDBY = {"region": AWAY, "kms_key": "alias/away", "subnets": ["subnet-8", "subnet-9"], "security_groups": ["sg-9"]}
KEYS = {(HOME, "alias/home"): "arn:home-key", (AWAY, "alias/away"): "arn:away-key"}
TYPES = {
    "mysql8.4": {
        "gtid-mode": Known("static"),
        "log_bin_trust_function_creators": Known("dynamic", "boolean", "0,1"),
        "max_connections": Known("dynamic", "integer", "1-100000"),
        "performance_schema": Known("static", "boolean", "0,1"),
        "require_secure_transport": Known("dynamic", "boolean", "0,1"),
    }
}


def wanted(
    name: str = "acme",
    *,
    own: dict | None = None,
    defaults: dict | None = None,
    standby: dict | None = STANDBY,
    **entry: Any,
) -> Wanted:
    """Return what the options of a task ask for."""
    return wanted_instance(
        {"name": name, "state": "present", "protected": False, "instance": own or {}} | entry,
        region=HOME,
        name_prefix=PREFIX,
        defaults=DEFAULTS | (defaults or {}),
        standby=standby,
        secret_prefix="tenants/",
        purge_parameters=False,
    )


def arn(region: str, identifier: str) -> str:
    return f"arn:aws:rds:{region}:111122223333:db:{identifier}"


def instance(entry: Wanted, place: Place | None = None, **other: Any) -> Instance:
    """Return the instance at a place as the entry wants it, except for ``other``."""
    place = place or entry.at
    values = {"AllocatedStorage": 20, "MaxAllocatedStorage": 20, "DBParameterGroupName": place.identifier}
    key = KEYS.get((place.region, place.kms_key or ""))
    found = Instance(
        identifier=place.identifier,
        arn=arn(place.region, place.identifier),
        region=place.region,
        status="available",
        endpoint=f"{place.identifier}.{place.region}.rds.amazonaws.com",
        kms_key=key,
        master_username="platform_admin",
        subnet_group=place.identifier,
        source=arn(entry.at.region, entry.at.identifier) if place != entry.at else None,
        tags=dict(entry.tags),
        values=values,
    )
    return replace(found, **{"values": values | kept(entry, place, None) | values} | other)


def with_values(found: Instance, **values: Any) -> Instance:
    return replace(found, values=found.values | values)


def master_state(version: str = "v1", applied: str | None = "v1", replicas: tuple[str, ...] = ()) -> master.State:
    secret = master.Secret("arn:secret", version, False, HOME, frozenset(replicas), {"tier": "database"})
    return master.State(secret, arn(HOME, "x"), "available", "platform_admin", applied, False)


def settled_state(entry: Wanted, **other: Any) -> State:
    """Return a state in which nothing is left to do for the entry."""
    places = entry.places
    found = {place.key: instance(entry, place) for place in places}
    if entry.replica:
        found[entry.at.key] = replace(found[entry.at.key], replicas=(arn(*entry.replica.key),))
    state = State(
        instances=found,
        parameter_groups={place.key: ParameterGroup(entry.family, dict(entry.parameters)) for place in places},
        subnet_groups={place.key: frozenset(place.subnets) for place in places},
        types=TYPES,
        keys=KEYS,
        masters={entry.tenant: master_state(replicas=(AWAY,) if entry.replica else ())},
        secrets={entry.tenant: "v1"},
    )
    return replace(state, **other)


def with_instance(state: State, found: Instance) -> State:
    return replace(state, instances=state.instances | {(found.region, found.identifier): found})
