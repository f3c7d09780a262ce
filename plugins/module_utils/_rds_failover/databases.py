# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Name the databases that a run fails over: the shared one, and those of tenants with dedicated instances. Pure functions."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.model import Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.options import (
    wanted_instance,
)

_MASTER = "/master"


@dataclasses.dataclass(frozen=True)
class Database:
    """A writer with its replicas. ``addresses`` say by region where a server is reached; ``name`` is empty for the shared one."""

    name: str
    wanted: Wanted
    admin_secret: str
    addresses: dict[str, str | None]


def shared(options: t.Mapping[str, t.Any]) -> Database:
    """Return the shared database of O(instances)."""
    addresses = {item["region"]: item["address"] for item in options["instances"]}
    return Database("", Wanted.from_options(options), options["admin_secret"], addresses)


def dedicated(options: t.Mapping[str, t.Any]) -> list[Database]:
    """Return the databases of O(tenants) with a dedicated instance, each named as rds_tenant_db names it in each region."""
    found = []
    for tenant in options["tenants"]:
        if tenant["isolation"] != "instance" or tenant["state"] == "absent":
            continue
        named = {region: _named(tenant, region, prefix, options) for region, prefix in _prefixes(options).items()}
        master = next(iter(named.values())).master_secret
        wanted = dataclasses.replace(
            Wanted.from_options(options),
            name=tenant["name"],
            instances={region: item.at.identifier for region, item in named.items()},
            secret_names=(master.removesuffix(_MASTER), master),
        )
        found.append(Database(tenant["name"], wanted, master, {}))
    return found


def _prefixes(options: t.Mapping[str, t.Any]) -> dict[str, str]:
    """Return the prefix of dedicated instances in each region: the identifier of the shared one, and a hyphen."""
    return {item["region"]: f"{item['identifier']}-" for item in options["instances"]}


def _named(tenant: t.Mapping[str, t.Any], region: str, prefix: str, options: t.Mapping[str, t.Any]) -> t.Any:
    identifiers = tenant["identifiers"] or {}
    return wanted_instance(
        {
            "name": tenant["name"],
            "state": "present",
            "protected": False,
            "residency": None,
            "instance": {"identifier": identifiers.get(region)},
        },
        region=region,
        name_prefix=prefix,
        defaults=None,
        standby=None,
        secret_prefix=options["tenant_secret_prefix"] or f"{options['secret_prefix'] or ''}tenants/",
        purge_parameters=False,
    )
