# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Reconcile the VPC endpoints of one module call."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_endpoints.model import (
    Endpoint,
    check,
    plan_absent,
    plan_present,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_endpoints.store import EndpointStore


class EndpointReconciler:
    """Read, plan and apply the wanted endpoints of one VPC. Raise PlatformError where the list is wrong."""

    def __init__(self, wanted: t.Sequence[Endpoint], store: EndpointStore, *, present: bool, purge_tags: bool):
        check(wanted)
        self._wanted = wanted
        self._store = store
        self._present = present
        self._purge_tags = purge_tags

    def read(self) -> dict[str, Endpoint]:
        """Read the endpoints of the VPC by service."""
        return self._store.read()

    def plan(self, current: dict[str, Endpoint]) -> list[Change]:
        """Plan the changes of all endpoints."""
        if not self._present:
            return plan_absent(self._wanted, current)
        return plan_present(self._wanted, current, purge_tags=self._purge_tags)

    def apply(self, changes: list[Change]) -> None:
        """Apply the changes."""
        self._store.apply(changes)
