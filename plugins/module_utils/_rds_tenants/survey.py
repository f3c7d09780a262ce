# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Describe tenants as they are found, declared or not, and what is wrong with them in any case. Pure functions."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.entries import undeclared_entry
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.model import State, Wanted


def tenants(prefix: str, stated: t.Sequence[Wanted], state: State) -> list[Wanted]:
    """Return the tenants that have a schema or a user on the shared instance."""
    found = [entry for entry in stated if entry.schema in state.schemas or entry.user in state.users]
    users = {entry.user for entry in stated}
    for name, user in state.users.items():
        if name not in users and name != prefix:
            tenant, schema = user.tenant or name.removeprefix(prefix), user.schema or name
            found.append(undeclared_entry(tenant, prefix, schema, name))
    schemas = {entry.schema for entry in (*stated, *found)}
    for name in state.schemas - schemas - {prefix}:
        found.append(undeclared_entry(name.removeprefix(prefix), prefix, name, name))
    return sorted(found, key=lambda entry: entry.name)


def faults(entry: Wanted, state: State) -> list[str]:
    """Return what is wrong with a tenant, whatever is wanted for it."""
    user = state.users.get(entry.user)
    if user is None:
        return ["schema without a user"]
    found = [] if entry.schema in state.schemas else ["user without a schema"]
    if user.excess_rights:
        found.append("rights beyond its schema")
    if not user.settings["require_ssl"]:
        found.append("TLS not required")
    version = state.secrets.get(entry.name)
    if version is None:
        found.append("no secret")
    elif user.secret_version != version:
        found.append("password not the secret's")
    return found


def drift(changes: t.Iterable[Change]) -> list[dict[str, t.Any]]:
    """Return the changes that a run would make."""
    return [
        {"action": change.action, "resource": change.resource, "before": change.before, "after": change.after}
        for change in changes
    ]
