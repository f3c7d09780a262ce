# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read, plan and apply the restore of the objects below a prefix."""

from __future__ import annotations

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._s3_prefix_restore.model import (
    Version,
    Wanted,
    plan,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._s3_prefix_restore.store import VersionStore


class PrefixRestoreReconciler:
    """The objects below one prefix."""

    def __init__(self, wanted: Wanted, store: VersionStore):
        self._wanted = wanted
        self._store = store

    def read(self) -> list[Version]:
        """Read the versions. Raise PlatformError where the bucket keeps none."""
        if not self._store.versioned():
            raise PlatformError(
                f"{self._wanted.bucket} has no versioning: what was deleted is gone. Nothing was changed. Fix: copy it from a "
                "bucket of another region that it was replicated to."
            )
        return self._store.read()

    def plan(self, versions: list[Version]) -> list[Change]:
        """Plan which objects come back."""
        return plan(self._wanted, versions)

    def apply(self, changes: list[Change]) -> None:
        """Bring them back."""
        self._store.apply(changes)
