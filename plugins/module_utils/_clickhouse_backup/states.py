# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Make the reconciler of each state from the options of the module clickhouse_backup."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.connection import connect
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.copied import CopiedReconciler
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.engine import Engine
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.model import Backup
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.planning import Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.present import (
    PresentReconciler,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.removed import RemovedReconciler
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.restored import (
    RestoredReconciler,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.restoring import Choice, Naming
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.selection import Selection
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.store import BackupStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.verified import (
    VerifiedReconciler,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Reconciler

Options = dict[str, t.Any]


class BackupReconciler(Reconciler[t.Any], t.Protocol):
    """Lead to one of the states."""

    def backups(self, current: t.Any) -> dict[str, Backup]:
        """Return the backups in a state that was read."""


class StateFactory:
    """Make reconcilers. ``store`` holds the backups that the options name."""

    def __init__(self, options: Options, clients: RegionalClients, say: t.Callable[[str], None]):
        self._options = options
        self._clients = clients
        self._say = say
        self.store = self._store(clients.region, options["bucket"], options["prefix"])

    def reconciler(self) -> BackupReconciler:
        """Return the reconciler of O(state)."""
        return {
            "present": self._present,
            "verified": self._verified,
            "restored": self._restored,
            "copied": self._copied,
            "absent": self._absent,
            "pruned": self._pruned,
        }[self._options["state"]]()

    def _present(self) -> PresentReconciler:
        names = ("name", "collection", "base", "max_chain", "cluster", "stale_after", "wait")
        selection = Selection.from_options(self._options)
        wanted = Wanted(selection=selection, **{name: self._options[name] for name in names})
        return PresentReconciler(wanted, self.store, self._engine())

    def _verified(self) -> VerifiedReconciler:
        names = ("name", "verify", "verified_within", "collection")
        return VerifiedReconciler(*(self._options[name] for name in names), self.store, self._engine())

    def _restored(self) -> RestoredReconciler:
        options, restore = self._options, self._options["restore"]
        choice = Choice(
            naming=Naming(tuple(sorted(restore["databases"].items()))),
            tables=tuple(sorted(set(restore["tables"]))),
            partitions=tuple((name, tuple(map(str, values))) for name, values in sorted(restore["partitions"].items())),
            structure_only=restore["structure_only"],
            append=restore["on_existing"] == "append",
            live_objects=restore["live_objects"],
        )
        return RestoredReconciler(
            options["name"], choice, options["collection"], options["cluster"], self.store, self._engine()
        )

    def _copied(self) -> CopiedReconciler:
        to = self._options["copy_to"]
        target = self._store(to["region"], to["bucket"], to["prefix"] or self._options["prefix"])
        target.check_bucket()
        return CopiedReconciler(self._options["name"], self.store, target)

    def _absent(self) -> RemovedReconciler:
        return RemovedReconciler(self.store, self._options["name"], stale_after=self._options["stale_after"])

    def _pruned(self) -> RemovedReconciler:
        retention = self._options["retention"]
        return RemovedReconciler(self.store, None, retention["keep_last"], retention["keep_days"])

    def _store(self, region: str, bucket: str, prefix: str) -> BackupStore:
        return BackupStore(self._clients.client("s3", region), bucket, prefix, region)

    def _engine(self) -> Engine:
        options = self._options
        server = connect(options, options["timeout"])
        return Engine(server, timeout=options["timeout"], max_bandwidth=options["max_bandwidth"], say=self._say)
