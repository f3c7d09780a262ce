# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Find tenants that would have to move between the shared instance and a dedicated one. Pure functions."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Finding
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.model import State, Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._tenant_names import INSTANCE_LENGTH, identifier


def check_moves(dedicated: t.Sequence[Wanted], shared: State, host: str) -> list[Finding]:
    """Find tenants that ask for a dedicated instance and have a schema on the shared one."""
    return [
        Finding("wrong", entry.name, _to_instance(entry, host))
        for entry in dedicated
        if entry.state != "absent" and (entry.schema in shared.schemas or entry.user in shared.users)
    ]


def check_returns(names: t.Sequence[str], prefix: str, identifiers: t.Container[str]) -> list[Finding]:
    """Find tenants that ask for a schema and have a dedicated instance; without a prefix its name isn't known."""
    return [
        Finding("wrong", name, _to_schema(name, instance))
        for name, instance in ((name, identifier(name, INSTANCE_LENGTH, prefix)) for name in names)
        if prefix and instance in identifiers
    ]


def _to_instance(entry: Wanted, host: str) -> str:
    return (
        f"{entry.name} has a schema on {host}: its isolation can't become instance in place. Fix: move it: with isolation schema "
        f"set state locked; dump {entry.schema} on the runner; with isolation schema set state absent and a final_snapshot; with "
        "isolation instance set state present; load the dump (docs/runbooks/tenants.md has the commands)."
    )


def _to_schema(name: str, identifier: str) -> str:
    return (
        f"{name} has a dedicated instance, {identifier}: its isolation can't become schema in place. Fix: move it: with isolation "
        "instance set state locked; dump its schema on the runner; with isolation instance set state absent and a final_snapshot; "
        "with isolation schema set state present; load the dump (docs/runbooks/tenants.md has the commands)."
    )
