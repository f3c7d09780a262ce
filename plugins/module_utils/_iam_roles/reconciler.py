# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Reconcile the roles of one module call."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._iam_roles.model import (
    Role,
    check,
    plan_absent,
    plan_present,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._iam_roles.store import RoleStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change


class RoleReconciler:
    """Read, plan and apply the wanted roles."""

    def __init__(self, wanted: t.Sequence[Role], store: RoleStore, identity_tags: t.Sequence[str], *, present: bool):
        self._wanted = wanted
        self._store = store
        self._identity_tags = identity_tags
        self._present = present
        self._plan = plan_present if present else plan_absent

    def read(self) -> dict[str, Role]:
        """Read the roles by name."""
        return self._store.read([role.name for role in self._wanted], to_remove=not self._present)

    def plan(self, current: dict[str, Role]) -> list[Change]:
        """Plan the changes of all roles. Raise PlatformError with every problem."""
        check(self._wanted, current, self._identity_tags)
        return self._plan(self._wanted, current)

    def apply(self, changes: list[Change]) -> None:
        """Apply the changes."""
        self._store.apply(changes)
