# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Describe all tenants that there are, declared or not, and how they differ from O(tenants). Changes nothing."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import judge
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances import model as instances
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.plan import (
    plan as plan_instances,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.provisioning import (
    Provisioning,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants import results, survey
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.dedicated import DedicatedTenant
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.entries import (
    check_options,
    dedicated_tenants,
    split_by_isolation,
    undeclared_tenant,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.model import (
    State,
    Wanted,
    doubtful,
    plan,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.secrets import TenantSecrets
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.shared import (
    Clients,
    Parameters,
    SharedInstance,
)

# Options of a run that the checks read.
_NEVER_USED = {"final_snapshot": "none is taken", "recovery_window": 7, "part": "all"}


def observe(parameters: Parameters, clients: Clients, region: str) -> dict[str, t.Any]:
    """Return the result of the module rds_tenant_db_info."""
    schemas, others = split_by_isolation(parameters)
    dedicated = dedicated_tenants(parameters, others, region)
    asked = parameters | _NEVER_USED | ({} if parameters["host"] else {"part": "instances"})
    judge(check_options(asked, schemas, dedicated), check_mode=False, skip_unavailable=False).enforce()
    secrets = TenantSecrets(clients("secretsmanager"), parameters["secret_prefix"], None, {}, {})
    versions = secrets.versions([*schemas, *(tenant.entry for tenant in dedicated)])
    found, queries = _on_shared(parameters, clients, secrets, versions, schemas)
    found += _on_dedicated(parameters, clients, region, versions, dedicated)
    there = {item["name"] for item in found}
    wanted = [item["name"] for item in parameters["tenants"] if item["state"] != "absent"]
    return {"tenants": found, "missing": [name for name in wanted if name not in there], "queries": queries}


def _on_shared(
    parameters: Parameters, clients: Clients, secrets: TenantSecrets, versions: dict[str, str], schemas: list[Wanted]
) -> tuple[list[dict[str, t.Any]], int]:
    if not parameters["host"]:
        return [], 0
    shared = SharedInstance(parameters, clients, secrets)
    prefix = parameters["name_prefix"]
    state = shared.survey(prefix, schemas, versions)
    secrets.ask(doubtful(schemas, state), state.secrets)
    stated = set(schemas)
    found = [
        _schema(entry, entry in stated, state, parameters["secret_prefix"])
        for entry in survey.tenants(prefix, schemas, state)
    ]
    return found, shared.queries


def _schema(entry: Wanted, stated: bool, state: State, secret_prefix: str) -> dict[str, t.Any]:
    bare = {"name": entry.name, "isolation": "schema", "schema": entry.schema}
    return (results.of_schema(entry, state, secret_prefix) or bare) | {
        "stated": stated,
        "sessions": len(state.sessions.get(entry.user, ())),
        "faults": survey.faults(entry, state),
        "drift": survey.drift(plan([entry], state, "none")) if stated else [],
    }


def _on_dedicated(
    parameters: Parameters, clients: Clients, region: str, versions: dict[str, str], stated: list[DedicatedTenant]
) -> list[dict[str, t.Any]]:
    prefix = parameters["instance_name_prefix"]
    if not stated and not prefix:
        return []
    standby = parameters["standby"]
    provisioning = Provisioning(
        clients,
        [tenant.instance for tenant in stated],
        region,
        standby=standby["region"] if standby else None,
        forget=lambda _names: None,
        recovery_window=7,
        timeout=0,
    )
    state = provisioning.read(versions)
    known = {tenant.instance.at.identifier for tenant in stated} | {parameters["instance"]}
    others = [
        undeclared_tenant(parameters, identifier.removeprefix(prefix), identifier, region)
        for place, identifier in sorted(state.instances)
        if prefix and place == region and identifier.startswith(prefix) and identifier not in known
    ]
    found = [_dedicated(item, item in stated, state, parameters["secret_prefix"]) for item in [*stated, *others]]
    return [item for item in found if item]


def _dedicated(
    tenant: DedicatedTenant, stated: bool, state: instances.State, secret_prefix: str
) -> dict[str, t.Any] | None:
    found = results.of_dedicated(tenant, state, None, secret_prefix)
    if found is None:
        return None
    changes = plan_instances([tenant.instance], state) if stated else []
    return found | {"stated": stated, "faults": [], "drift": survey.drift(changes)}
