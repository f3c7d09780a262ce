# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Reconcile the buckets of one module call."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._s3_buckets.model import (
    Bucket,
    plan_absent,
    plan_present,
    refuse_foreign,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._s3_buckets.store import BucketStore


class BucketReconciler:
    """Create and change the buckets that are wanted."""

    def __init__(
        self, wanted: t.Sequence[dict[str, t.Any]], store: BucketStore, identities: t.Mapping[str, dict[str, str]]
    ):
        self._wanted = wanted
        self._names = [entry["name"] for entry in wanted]
        self._store = store
        self._identities = identities

    def read(self) -> list[Bucket]:
        """Read the buckets with their settings."""
        return self._store.read(self._names)

    def plan(self, current: list[Bucket]) -> list[Change]:
        """Plan the changes of all buckets. Raise PlatformError where one is somebody else's."""
        refuse_foreign(current, self._identities)
        return plan_present(current, self._wanted)

    def apply(self, changes: list[Change]) -> None:
        """Create buckets and set what the changes say."""
        self._store.apply(changes)


class BucketRemover:
    """Remove buckets by their names, each with the tags that tell it from somebody else's."""

    def __init__(self, identities: t.Mapping[str, dict[str, str]], store: BucketStore, *, force: bool):
        self._identities = identities
        self._store = store
        self._force = force

    def read(self) -> list[Bucket]:
        """Read whether the buckets exist and hold anything."""
        return self._store.read_contents(list(self._identities))

    def plan(self, current: list[Bucket]) -> list[Change]:
        """Plan the removal. Raise PlatformError where a bucket is somebody else's, or holds objects that may not go."""
        refuse_foreign(current, self._identities)
        return plan_absent(current, self._force)

    def apply(self, changes: list[Change]) -> None:
        """Empty and delete the buckets that the changes name."""
        self._store.remove(changes)
