# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Finalize rotations in the standby region, in the server itself: workers take jobs in the active region only.

A killed server loses nothing: the next call continues.
"""

from __future__ import annotations

import dataclasses
import logging
import threading

from media_server.rotation.records import STANDBY_ROUND, RotationRecords
from media_server.rotation.run import run_shard
from media_server.rotation.services import RotationServices

log = logging.getLogger(__name__)


class StandbyFinalizer:
    """Deletes in one thread per rotation."""

    def __init__(self, services: RotationServices):
        # Nothing is queued: this region's workers take no jobs while it is not active.
        self._services = dataclasses.replace(services, send=lambda _message: None)
        self._threads: dict[str, threading.Thread] = {}
        self._lock = threading.Lock()

    def begin(self, rotation: str) -> None:
        """Start, unless it is running. Errors are logged, and the next call retries."""
        with self._lock:
            running = self._threads.get(rotation)
            if running is None or not running.is_alive():
                thread = threading.Thread(target=self._remove, args=(rotation,), name=f"remove-{rotation}", daemon=True)
                self._threads[rotation] = thread
                thread.start()

    def join(self) -> None:
        """Wait until the threads have ended."""
        for thread in list(self._threads.values()):
            thread.join()

    def _remove(self, rotation: str) -> None:
        records = RotationRecords(self._services.objects)
        try:
            plan = records.plan(rotation)
            done = records.done(rotation, STANDBY_ROUND, self._services.region)
            left = [shard for shard in range(plan.shards) if shard not in done]
            # If none is left, run the last one again: that ends the round.
            for shard in left or [max(0, plan.shards - 1)]:
                run_shard(self._services, rotation, shard)
        except Exception:
            log.exception("rotation %s: deleting old versions in %s failed", rotation, self._services.region)
