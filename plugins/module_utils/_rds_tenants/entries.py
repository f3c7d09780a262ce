# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Turn options into tenants, and find what is wrong with the options by themselves. Pure functions."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Finding
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.connection import (
    MYSQL_OPTIONS,
    SERVER_OPTIONS,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.checks import (
    check_entries,
    wrong,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.options import (
    DEFAULTS_SPEC,
    INSTANCE_SPEC,
    STANDBY_SPEC,
    wanted_instance,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.checks import check
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.dedicated import DedicatedTenant
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.model import Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._tenant_names import normalized

_PRIVILEGES = [
    "ALTER",
    "CREATE",
    "CREATE TEMPORARY TABLES",
    "CREATE VIEW",
    "DELETE",
    "DROP",
    "EXECUTE",
    "INDEX",
    "INSERT",
    "LOCK TABLES",
    "REFERENCES",
    "SELECT",
    "SHOW VIEW",
    "TRIGGER",
    "UPDATE",
]
TENANT_SPEC: dict[str, t.Any] = {
    "name": {"type": "str", "required": True},
    "database": {"type": "str"},
    "user": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "locked", "absent"], "default": "present"},
    "isolation": {"type": "str", "choices": ["schema", "instance"], "default": "schema"},
    "residency": {"type": "list", "elements": "str"},
    "final_snapshot": {"type": "str"},
    "instance": {"type": "dict", "options": INSTANCE_SPEC},
    "privileges": {"type": "list", "elements": "str", "default": _PRIVILEGES},
    "max_connections": {"type": "int", "default": 20},
    "max_queries_per_hour": {"type": "int", "default": 0},
    "password_lifetime_days": {"type": "int", "default": 0, "no_log": False},
    "failed_login_attempts": {"type": "int", "default": 0},
    "protected": {"type": "bool", "default": False},
}
# The options of the doc fragments knowledgecity.platform.tenants, mysql and mysql.server.
TENANTS_SPEC: dict[str, t.Any] = {
    **MYSQL_OPTIONS,
    **SERVER_OPTIONS,
    "tenants": {"type": "list", "elements": "dict", "default": [], "options": TENANT_SPEC},
    "instance_name_prefix": {"type": "str", "default": ""},
    "instance_defaults": {"type": "dict", "options": DEFAULTS_SPEC},
    "standby": {"type": "dict", "options": STANDBY_SPEC},
    "purge_parameters": {"type": "bool", "default": False},
    "name_prefix": {"type": "str", "default": "tenant"},
    "secret_prefix": {"type": "str", "required": True, "no_log": False},
    "instance": {"type": "str"},
}
_AS_THEY_ARE = (
    "database",
    "failed_login_attempts",
    "name",
    "state",
    "max_connections",
    "max_queries_per_hour",
    "password_lifetime_days",
    "protected",
)

Item = dict[str, t.Any]


def split_by_isolation(parameters: t.Mapping[str, t.Any]) -> tuple[list[Wanted], list[tuple[Wanted, Item]]]:
    """Return the tenants of the shared instance, and those with a dedicated one beside their options."""
    schemas, dedicated = [], []
    for stated in parameters["tenants"]:
        item = stated | {"name": normalized(stated["name"])}
        entry = Wanted(
            prefix=parameters["name_prefix"],
            username=item["user"],
            privileges=frozenset(name.upper() for name in item["privileges"]),
            residency=None if item["residency"] is None else frozenset(item["residency"]),
            **{key: item[key] for key in _AS_THEY_ARE},
        )
        if item["isolation"] == "instance":
            dedicated.append((entry, item))
        else:
            schemas.append(entry)
    return schemas, dedicated


def dedicated_tenants(
    parameters: t.Mapping[str, t.Any], entries: t.Sequence[tuple[Wanted, Item]], region: str
) -> list[DedicatedTenant]:
    """Return what is wanted for the tenants with a dedicated instance; ``entries`` have their options beside them."""
    return [
        DedicatedTenant(
            entry,
            wanted_instance(
                item,
                region=region,
                name_prefix=parameters["instance_name_prefix"],
                defaults=parameters["instance_defaults"],
                standby=parameters["standby"],
                secret_prefix=parameters["secret_prefix"],
                purge_parameters=parameters["purge_parameters"],
            ),
        )
        for entry, item in entries
    ]


def undeclared_entry(name: str, prefix: str, schema: str | None = None, user: str | None = None) -> Wanted:
    """Return the entry of a tenant that O(tenants) doesn't have. Its schema and its user have other names than the rule's."""
    return Wanted(
        name, prefix, "present", frozenset(_PRIVILEGES), 20, 0, 0, protected=False, database=schema, username=user
    )


def undeclared_tenant(parameters: t.Mapping[str, t.Any], name: str, identifier: str, region: str) -> DedicatedTenant:
    """Return a tenant with a dedicated instance that O(tenants) doesn't have."""
    item = {"name": name, "state": "present", "protected": False, "instance": {"identifier": identifier}}
    (tenant,) = dedicated_tenants(parameters, [(undeclared_entry(name, parameters["name_prefix"]), item)], region)
    return tenant


def check_options(
    parameters: t.Mapping[str, t.Any], schemas: t.Sequence[Wanted], dedicated: t.Sequence[DedicatedTenant]
) -> list[Finding]:
    """Find what is wrong with the options, before anything is read."""
    everybody = [*schemas, *(item.entry for item in dedicated)]
    names = {item.entry.name for item in dedicated}
    standby = (parameters["standby"] or {}).get("region")
    # A run that doesn't create instances needs no settings of them.
    made = [item.instance for item in dedicated] if parameters["part"] in ("all", "instances") else []
    return [
        *check(everybody, has_final_snapshot=bool(parameters["final_snapshot"]), dedicated=names),
        *check_entries(made, standby=standby),
        *wrong(_contradictions(parameters, schemas)),
    ]


def _contradictions(parameters: t.Mapping[str, t.Any], schemas: t.Sequence[Wanted]) -> t.Iterator[str]:
    if schemas and not parameters["host"] and parameters["part"] in ("all", "databases"):
        yield f"{schemas[0].name} has a schema on the shared instance: set O(host) and O(admin_secret)."
    bound = [entry.name for entry in schemas if entry.residency is not None]
    if bound and not parameters["instance"]:
        yield f"{bound[0]} has a residency. Fix: name the instance that it is judged by in O(instance)."
    for item in parameters["tenants"]:
        for option in ("instance", "final_snapshot"):
            if item["isolation"] == "schema" and item[option]:
                yield f"{item['name']}: {option} is for tenants with isolation: instance, and this one has a schema."
    if not 7 <= parameters["recovery_window"] <= 30:
        yield f"O(recovery_window) is {parameters['recovery_window']}, and Secrets Manager takes 7 to 30 days."
