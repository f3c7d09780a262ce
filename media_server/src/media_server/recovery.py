# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Bring back what was deleted of a tenant or an asset, from the versions that the bucket still has.

The runbook is docs/runbooks/media-recover.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from media_server.errors import MediaError, NotFoundError
from media_server.jobs.states import state_object
from media_server.keys.content import ContentKeys
from media_server.keys.tenants import TenantKeys
from media_server.store import layout
from media_server.store.assets import AssetStore
from media_server.store.objects import Version
from media_server.store.parallel import run_parallel


@dataclass(frozen=True)
class Deleted:
    """A deleted object: when, and its last version. Without one it is gone for good."""

    key: str
    at: float
    last: Version | None


class Recovery:
    """Finds deleted objects, and restores them."""

    def __init__(self, assets: AssetStore, tenants: TenantKeys) -> None:
        self._assets = assets
        self._objects = assets.objects
        self._keys = ContentKeys(tenants)

    def deleted(self, tenant: str, asset: str | None = None, since: float = 0.0) -> list[Deleted]:
        """Return what was deleted since then: of one asset, or of all. The objects that make others visible come last."""
        below = f"{layout.tenant_prefix(tenant)}{asset}/" if asset else layout.tenant_prefix(tenant)
        states = state_object(tenant, asset) if asset else state_object(tenant, "").removesuffix(".json")
        key = layout.tenant_key(tenant)
        found: dict[str, list[Version]] = {}
        for prefix in (below, states, key):
            for version in self._objects.versions(prefix):
                found.setdefault(version.key, []).append(version)
        lost = [_deleted(name, versions) for name, versions in found.items()]
        return sorted((one for one in lost if one and one.at >= since), key=lambda one: (_order(one.key), one.key))

    def restore(self, deleted: Sequence[Deleted]) -> None:
        """Write the last versions anew: first the content of assets, then the documents that refer to it."""
        for order in sorted({_order(one.key) for one in deleted}):
            chosen = [one.last for one in deleted if one.last and _order(one.key) == order]
            run_parallel(self._objects.restore, chosen)

    def problems(self, tenant: str, asset: str) -> list[str]:
        """Return why an asset does not play: missing files, or keys that don't open."""
        try:
            pointer, _etag = self._assets.pointer(tenant, asset)
        except NotFoundError:
            return ["it has no pointer"]
        prefix = layout.version_prefix(tenant, asset, pointer.current)
        there = {listed.key.removeprefix(prefix) for listed in self._objects.list(prefix)}
        missing = sorted(set(pointer.version.files) - there)
        problems = [f"{len(missing)} file(s) are missing, the first is {missing[0]}"] if missing else []
        try:
            self._keys.open(tenant, self._assets.key(tenant, asset, pointer.current)[0])
        except MediaError as error:
            problems.append(f"its key doesn't open: {error.message}")
        return problems


def _order(key: str) -> int:
    """Return 0 for content and keys, 1 for pointers and states: players and workers find these first."""
    return int(key.endswith(f"/{layout.POINTER}") or key.startswith("assets/"))


def _deleted(key: str, versions: list[Version]) -> Deleted | None:
    latest = next((version for version in versions if version.latest), None)
    if latest is None or not latest.marker:
        return None
    older = [version for version in versions if not version.marker]
    return Deleted(key, latest.written_at, max(older, key=lambda version: version.written_at, default=None))
