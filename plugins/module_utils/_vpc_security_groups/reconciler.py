# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Reconcile the security groups of one module call."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_security_groups.model import (
    Group,
    check,
    plan_absent,
    plan_present,
    with_names,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_security_groups.store import GroupStore


class GroupReconciler:
    """Read, plan and apply the wanted security groups of one VPC."""

    def __init__(self, wanted: t.Sequence[Group], store: GroupStore, *, present: bool, purge_tags: bool):
        self._wanted = wanted
        self._store = store
        self._present = present
        self._purge_tags = purge_tags

    def read(self) -> dict[str, Group]:
        """Read the security groups of the VPC by name."""
        return self._store.read()

    def plan(self, current: dict[str, Group]) -> list[Change]:
        """Plan the changes of all groups. Raise PlatformError with every problem."""
        if not self._present:
            return plan_absent(self._wanted, current)
        wanted = with_names(self._wanted, current)
        check(wanted, current)
        return plan_present(wanted, current, purge_tags=self._purge_tags)

    def apply(self, changes: list[Change]) -> None:
        """Apply the changes."""
        self._store.apply(changes)
