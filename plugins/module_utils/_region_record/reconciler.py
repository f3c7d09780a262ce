# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Reconcile the copies of the region record."""

from __future__ import annotations

from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_record.model import (
    Copy,
    Record,
    Writer,
    plan_copies,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_record.store import RecordStore


class RecordReconciler:
    """Write the first record where there is none, and make the copies agree."""

    def __init__(self, store: RecordStore, first: Record, writer: Writer | None):
        self._store = store
        self._first = first
        self._writer = writer

    def read(self) -> list[Copy]:
        """Read all copies."""
        return self._store.read()

    def plan(self, current: list[Copy]) -> list[Change]:
        """Plan the copies to write. Raise PlatformError on a conflict."""
        return plan_copies(current, self._first, self._writer)

    def apply(self, changes: list[Change]) -> None:
        """Write the copies that the changes name, each by condition."""
        for change in changes:
            self._store.write(change.region, Record(**change.after))
