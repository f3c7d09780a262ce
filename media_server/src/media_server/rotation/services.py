# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What a rotation works with. The server and its workers build it once."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from media_server.keys.content import ContentKeys
from media_server.keys.tenants import TenantKeys
from media_server.store.active import ActiveRegion
from media_server.store.assets import AssetStore
from media_server.store.objects import ObjectStore
from media_server.store.replication import Replication


@dataclass(frozen=True)
class RotationServices:
    """Of one region. `send` queues a message for this region's workers; a shard's work uses `threads` at a time."""

    region: str
    objects: ObjectStore
    tenants: TenantKeys
    replication: Replication
    active: ActiveRegion
    send: Callable[[dict[str, Any]], None]
    retain_old_s: int
    threads: int = 4

    @classmethod
    def of(cls, services: Any) -> RotationServices:
        """Out of the server's `Services`."""
        return cls(
            region=services.settings.region,
            objects=services.objects,
            tenants=services.tenant_keys,
            replication=services.replication,
            active=services.active_region,
            send=services.queue.send,
            retain_old_s=services.settings.retain_old_s,
        )

    @property
    def assets(self) -> AssetStore:
        """The documents of assets."""
        return AssetStore(self.objects)

    @property
    def content_keys(self) -> ContentKeys:
        """The keys of assets."""
        return ContentKeys(self.tenants)

    def without_cache(self) -> RotationServices:
        """The same, but for keys that were opened before: what it opens, it opens by what lies in S3 now."""
        return dataclasses.replace(self, tenants=self.tenants.fresh())
