# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Describe tenants as they are found, declared or not, and what is wrong with them in any case. Pure functions."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.model import State


def names(prefix: str, state: State) -> list[str]:
    """Return the tenants that have a schema or a user on the shared instance."""
    accounts = state.schemas | state.users.keys()
    return sorted(account.removeprefix(prefix) for account in accounts if account != prefix)


def faults(name: str, account: str, state: State) -> list[str]:
    """Return what is wrong with a tenant, whatever is wanted for it."""
    user = state.users.get(account)
    if user is None:
        return ["schema without a user"]
    found = [] if account in state.schemas else ["user without a schema"]
    if user.excess_rights:
        found.append("rights beyond its schema")
    if not user.settings["require_ssl"]:
        found.append("TLS not required, or no limit to wrong passwords")
    version = state.secrets.get(name)
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
