# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Reconcile the subnets of one module call."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_subnets.model import (
    Subnet,
    check,
    plan_absent,
    plan_present,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_subnets.store import SubnetStore


class SubnetReconciler:
    """Read, plan and apply the wanted subnets of one VPC."""

    def __init__(self, wanted: t.Sequence[Subnet], store: SubnetStore, *, present: bool, purge_tags: bool):
        self._wanted = wanted
        self._store = store
        self._present = present
        self._purge_tags = purge_tags

    def read(self) -> dict[str, Subnet]:
        """Read the subnets of the VPC by address range."""
        return self._store.read()

    def plan(self, current: dict[str, Subnet]) -> list[Change]:
        """Plan the changes of all subnets. Raise PlatformError with every problem."""
        if not self._present:
            return plan_absent(self._wanted, current)
        check(self._wanted, current)
        return plan_present(self._wanted, current, purge_tags=self._purge_tags)

    def apply(self, changes: list[Change]) -> None:
        """Apply the changes."""
        self._store.apply(changes)
