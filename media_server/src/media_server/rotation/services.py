# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The dependencies of rotations, built once by the server or worker."""

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
    """The services of one region. `send` queues a message for this region's workers; a shard uses `threads` threads."""

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
        """Build from the server's `Services`."""
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
        """Return the store of the assets' documents."""
        return AssetStore(self.objects)

    @property
    def content_keys(self) -> ContentKeys:
        """Return the content keys."""
        return ContentKeys(self.tenants)

    def without_cache(self) -> RotationServices:
        """Return the same services with an empty key cache, so that keys are unwrapped from what S3 stores now."""
        return dataclasses.replace(self, tenants=self.tenants.fresh())
