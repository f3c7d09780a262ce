# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""All tenants that there are, stated or not, beside what is wanted for them; the clients are passed in. Changes nothing."""

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
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.entries import (
    check_options,
    own_tenants,
    plain_entry,
    schemas_and_owners,
    unstated_owner,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.model import State, Wanted, plan
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.own import Own
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.secrets import TenantSecrets
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.shared import (
    Clients,
    Parameters,
    SharedInstance,
)

# What a look needs of the options of a run.
_NEVER_USED = {"final_snapshot": "none is taken", "recovery_window": 7, "part": "all"}


def look(parameters: Parameters, clients: Clients, region: str) -> dict[str, t.Any]:
    """What the module returns."""
    schemas, owners = schemas_and_owners(parameters)
    own = own_tenants(parameters, owners, region)
    asked = parameters | _NEVER_USED | ({} if parameters["host"] else {"part": "instances"})
    judge(check_options(asked, schemas, own), check_mode=False, skip_unavailable=False).enforce()
    secrets = TenantSecrets(clients("secretsmanager"), parameters["secret_prefix"], None, {}, {})
    versions = secrets.versions()
    told, queries = _on_the_shared(parameters, clients, secrets, versions, schemas)
    told += _on_their_own(parameters, clients, region, versions, own)
    there = {item["name"] for item in told}
    wanted = [item["name"] for item in parameters["tenants"] if item["state"] != "absent"]
    return {"tenants": told, "missing": [name for name in wanted if name not in there], "queries": queries}


def _on_the_shared(
    parameters: Parameters, clients: Clients, secrets: TenantSecrets, versions: dict[str, str], schemas: list[Wanted]
) -> tuple[list[dict[str, t.Any]], int]:
    if not parameters["host"]:
        return [], 0
    shared = SharedInstance(parameters, clients, secrets)
    prefix = parameters["name_prefix"]
    state = shared.survey(prefix, schemas, versions)
    stated = {entry.name: entry for entry in schemas}
    told = [
        _schema(stated.get(name) or plain_entry(name, prefix), name in stated, state, parameters["secret_prefix"])
        for name in survey.names(prefix, state)
    ]
    return told, shared.queries


def _schema(entry: Wanted, stated: bool, state: State, secret_prefix: str) -> dict[str, t.Any]:
    bare = {"name": entry.name, "isolation": "schema", "schema": entry.account}
    return (results.of_schema(entry, state, secret_prefix) or bare) | {
        "stated": stated,
        "sessions": len(state.sessions.get(entry.account, ())),
        "faults": survey.faults(entry.name, entry.account, state),
        "drift": survey.drift(plan([entry], state, "none")) if stated else [],
    }


def _on_their_own(
    parameters: Parameters, clients: Clients, region: str, versions: dict[str, str], stated: list[Own]
) -> list[dict[str, t.Any]]:
    prefix = parameters["instance_name_prefix"]
    if not stated and not prefix:
        return []
    standby = parameters["standby"]
    provisioning = Provisioning(
        clients,
        [own.instance for own in stated],
        region,
        standby=standby["region"] if standby else None,
        forget=lambda _names: None,
        recovery_window=7,
        timeout=0,
    )
    state = provisioning.read(versions)
    known = {own.instance.at.identifier for own in stated} | {parameters["instance"]}
    others = [
        unstated_owner(parameters, identifier.removeprefix(prefix), identifier, region)
        for place, identifier in sorted(state.instances)
        if prefix and place == region and identifier.startswith(prefix) and identifier not in known
    ]
    told = [_instance(own, own in stated, state, parameters["secret_prefix"]) for own in [*stated, *others]]
    return [item for item in told if item]


def _instance(own: Own, stated: bool, state: instances.State, secret_prefix: str) -> dict[str, t.Any] | None:
    found = results.of_instance(own, state, None, secret_prefix)
    if found is None:
        return None
    steps = plan_instances([own.instance], state) if stated else []
    return found | {"stated": stated, "faults": [], "drift": survey.drift(steps)}
