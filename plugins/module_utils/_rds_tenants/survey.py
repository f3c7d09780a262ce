# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Tenants as they are found, stated or not, and what is wrong with them by itself. Pure functions."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.model import State


def names(prefix: str, state: State) -> list[str]:
    """The tenants that a shared instance has something of."""
    accounts = state.schemas | state.users.keys()
    return sorted(account.removeprefix(prefix) for account in accounts if account != prefix)


def faults(name: str, account: str, state: State) -> list[str]:
    """What no tenant should be like, whatever is wanted for it."""
    user = state.users.get(account)
    if user is None:
        return ["schema without a user"]
    found = [] if account in state.schemas else ["user without a schema"]
    if user.strays:
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
    """The changes that a run would make."""
    return [
        {"action": step.action, "resource": step.resource, "before": step.before, "after": step.after}
        for step in changes
    ]
