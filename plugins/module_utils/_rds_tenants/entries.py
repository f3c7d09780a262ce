# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""From a task's options to tenants, and what the options show by themselves. Pure functions."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Finding
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.checks import (
    check_entries,
    wrong,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.settle import (
    DEFAULTS_SPEC,
    OWN_SPEC,
    STANDBY_SPEC,
    settled,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.model import Wanted, check
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.own import Own

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
    "state": {"type": "str", "choices": ["present", "locked", "absent"], "default": "present"},
    "isolation": {"type": "str", "choices": ["schema", "instance"], "default": "schema"},
    "residency": {"type": "list", "elements": "str"},
    "final_snapshot": {"type": "str"},
    "instance": {"type": "dict", "options": OWN_SPEC},
    "privileges": {"type": "list", "elements": "str", "default": _PRIVILEGES},
    "max_connections": {"type": "int", "default": 20},
    "max_queries_per_hour": {"type": "int", "default": 0},
    "password_lifetime_days": {"type": "int", "default": 0, "no_log": False},
    "protected": {"type": "bool", "default": False},
}
# The options of the doc fragment knowledgecity.platform.tenants.
TENANTS_SPEC: dict[str, t.Any] = {
    "host": {"type": "str"},
    "port": {"type": "int", "default": 3306},
    "address": {"type": "str"},
    "tls_ca": {"type": "path"},
    "admin_secret": {"type": "str", "no_log": False},
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
    "name",
    "state",
    "max_connections",
    "max_queries_per_hour",
    "password_lifetime_days",
    "protected",
)

Item = dict[str, t.Any]


def schemas_and_owners(parameters: t.Mapping[str, t.Any]) -> tuple[list[Wanted], list[tuple[Wanted, Item]]]:
    """Tenants of the shared instance, and those with their own beside their options."""
    schemas, owners = [], []
    for item in parameters["tenants"]:
        entry = Wanted(
            prefix=parameters["name_prefix"],
            privileges=frozenset(name.upper() for name in item["privileges"]),
            residency=None if item["residency"] is None else frozenset(item["residency"]),
            **{key: item[key] for key in _AS_THEY_ARE},
        )
        if item["isolation"] == "instance":
            owners.append((entry, item))
        else:
            schemas.append(entry)
    return schemas, owners


def own_tenants(parameters: t.Mapping[str, t.Any], owners: t.Sequence[tuple[Wanted, Item]], region: str) -> list[Own]:
    """What is wanted for the tenants with an instance of their own."""
    return [
        Own(
            entry,
            settled(
                item,
                region=region,
                name_prefix=parameters["instance_name_prefix"],
                defaults=parameters["instance_defaults"],
                standby=parameters["standby"],
                secret_prefix=parameters["secret_prefix"],
                purge_parameters=parameters["purge_parameters"],
            ),
        )
        for entry, item in owners
    ]


def plain_entry(name: str, prefix: str) -> Wanted:
    """A tenant that nobody stated."""
    return Wanted(name, prefix, "present", frozenset(_PRIVILEGES), 20, 0, 0, protected=False)


def unstated_owner(parameters: t.Mapping[str, t.Any], name: str, identifier: str, region: str) -> Own:
    """One with an instance of its own that nobody stated."""
    item = {"name": name, "state": "present", "protected": False, "instance": {"identifier": identifier}}
    (own,) = own_tenants(parameters, [(plain_entry(name, parameters["name_prefix"]), item)], region)
    return own


def check_options(
    parameters: t.Mapping[str, t.Any], schemas: t.Sequence[Wanted], own: t.Sequence[Own]
) -> list[Finding]:
    """What is wrong before anybody is asked."""
    everybody = [*schemas, *(item.entry for item in own)]
    names = {item.entry.name for item in own}
    standby = (parameters["standby"] or {}).get("region")
    # Who doesn't make the instances need not know what they shall be like.
    made = [item.instance for item in own] if parameters["part"] in ("all", "instances") else []
    return [
        *check(everybody, has_final_snapshot=bool(parameters["final_snapshot"]), own=names),
        *check_entries(made, standby=standby),
        *wrong(_contradictions(parameters, schemas)),
    ]


def _contradictions(parameters: t.Mapping[str, t.Any], schemas: t.Sequence[Wanted]) -> t.Iterator[str]:
    if schemas and not parameters["host"] and parameters["part"] in ("all", "databases"):
        yield f"{schemas[0].name} has a schema on the shared instance: O(host) and O(admin_secret) say where that is."
    bound = [entry.name for entry in schemas if entry.residency is not None]
    if bound and not parameters["instance"]:
        yield f"{bound[0]} has a residency: O(instance) says which instance it is judged by."
    for item in parameters["tenants"]:
        for option in ("instance", "final_snapshot"):
            if item["isolation"] == "schema" and item[option]:
                yield f"{item['name']}: {option} is for tenants with isolation: instance, and this one has a schema."
    if not 7 <= parameters["recovery_window"] <= 30:
        yield f"O(recovery_window) is {parameters['recovery_window']}, and Secrets Manager takes 7 to 30 days."
