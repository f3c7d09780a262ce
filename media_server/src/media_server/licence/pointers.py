# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Cache the pointers of assets for some seconds: every request for a segment or a key needs one."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

from media_server.errors import NotFoundError
from media_server.store.assets import AssetStore, Pointer

KEPT_S = 3.0
_MOST = 4096

Found = TypeVar("Found")


class Pointers:
    """Reads pointers through a small cache. Versions are immutable, so a cached pointer can only lack the newest one."""

    def __init__(
        self, assets: AssetStore, *, kept_s: float = KEPT_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._assets = assets
        self._kept_s = kept_s
        self._clock = clock
        self._kept: OrderedDict[tuple[str, str], tuple[float, Pointer]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, tenant: str, asset: str) -> Pointer:
        """Return the pointer. Raise NotFoundError if the asset doesn't exist or isn't ready."""
        return self._read(tenant, asset)[0]

    def find(self, tenant: str, asset: str, within: Callable[[Pointer], Found | None]) -> Found | None:
        """Return what `within` finds in the pointer. If it finds nothing in a cached one, the pointer is read again."""
        pointer, kept = self._read(tenant, asset)
        found = within(pointer)
        if found is None and kept:
            self.forget(tenant, asset)
            found = within(self.get(tenant, asset))
        return found

    def forget(self, tenant: str, asset: str) -> None:
        """Remove a pointer from the cache."""
        with self._lock:
            self._kept.pop((tenant, asset), None)

    def _read(self, tenant: str, asset: str) -> tuple[Pointer, bool]:
        now = self._clock()
        with self._lock:
            kept = self._kept.get((tenant, asset))
        if kept is not None and now < kept[0]:
            return kept[1], True
        try:
            pointer, _etag = self._assets.pointer(tenant, asset)
        except NotFoundError:
            raise NotFoundError("no-asset", f"Tenant {tenant} has no playable asset {asset}.") from None
        with self._lock:
            self._kept[tenant, asset] = (now + self._kept_s, pointer)
            if len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return pointer, False
