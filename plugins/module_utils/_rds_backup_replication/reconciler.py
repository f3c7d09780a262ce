# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read, plan and apply the replication of automated backups."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_backup_replication.model import (
    Replication,
    Wanted,
    plan,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_backup_replication.store import (
    BackupReplicationStore,
)


class BackupReplicationReconciler:
    """Start the wanted replications, or with ``absent`` stop them."""

    def __init__(self, wanted: t.Sequence[Wanted], store: BackupReplicationStore, *, absent: bool):
        self._wanted = wanted
        self._store = store
        self._absent = absent

    def read(self) -> list[Replication]:
        """Read the replications into the region."""
        return self._store.read()

    def plan(self, current: list[Replication]) -> list[Change]:
        """Plan the changes."""
        return plan(self._wanted, current, absent=self._absent)

    def apply(self, changes: list[Change]) -> None:
        """Apply the changes."""
        self._store.apply(changes)
