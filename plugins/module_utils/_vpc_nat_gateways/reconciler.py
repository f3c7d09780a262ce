# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Reconcile the NAT gateways of one module call."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_nat_gateways.model import (
    Current,
    Wanted,
    check,
    plan,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_nat_gateways.store import NatGatewayStore


class NatGatewayReconciler:
    """Read, plan and apply the wanted NAT gateways. Raise PlatformError where the list is wrong."""

    def __init__(self, wanted: t.Sequence[Wanted], store: NatGatewayStore, *, purge_tags: bool):
        check(wanted)
        self._wanted = wanted
        self._store = store
        self._purge_tags = purge_tags

    def read(self) -> Current:
        """Read the NAT gateways and addresses of these names."""
        return self._store.read([one.name for one in self._wanted])

    def plan(self, current: Current) -> list[Change]:
        """Plan the changes of all NAT gateways and addresses."""
        return plan(self._wanted, current, purge_tags=self._purge_tags)

    def apply(self, changes: list[Change]) -> None:
        """Apply the changes."""
        self._store.apply(changes)
