# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Which region is active, and so the only one that is written in: one record, a copy in each region (role region_record)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from media_server.errors import UnavailableError
from media_server.store.retries import Retries

_NAME = "active"
RECENT_S = 1.0


class ActiveRegion:
    """The record's copy in this region, in DynamoDB's `table`. Never cached: it is read before what depends on it.

    Without a table there is one region only, and it is active.
    """

    def __init__(self, client: Any, table: str, region: str, retries: Retries | None = None):
        self.region = region
        self._client = client
        self._table = table
        self._retries = retries or Retries(deadline_s=10)

    def name(self) -> str:
        """The active region. Raises UnavailableError where nothing says so."""
        if not self._table:
            return self.region

        def read() -> Any:
            return self._client.get_item(TableName=self._table, Key={"name": {"S": _NAME}}, ConsistentRead=True)

        item = self._retries("read the region record", read).get("Item") or {}
        active = item.get("active_region", {}).get("S")
        if not active:
            raise UnavailableError("no-region-record", "The region record says nothing: no region may be written in.")
        return str(active)

    def is_here(self) -> bool:
        """Whether this region is the active one."""
        return self.name() == self.region

    def require(self) -> None:
        """Raises UnavailableError where this region isn't the active one."""
        active = self.name()
        if active != self.region:
            message = f"{self.region} is not the active region, {active} is: nothing is written here."
            raise UnavailableError("not-active", message)


class RecentlyActive:
    """Asks the record once in `kept_s` seconds, for work in many small steps: to ask before each would cost as much as the step."""

    def __init__(self, active: ActiveRegion, kept_s: float = RECENT_S, clock: Callable[[], float] = time.monotonic):
        self._active = active
        self._kept_s = kept_s
        self._clock = clock
        self._until = float("-inf")
        self._lock = threading.Lock()

    def require(self) -> None:
        """Raises UnavailableError where this region wasn't the active one when it was asked last."""
        with self._lock:
            if self._clock() >= self._until:
                self._active.require()
                self._until = self._clock() + self._kept_s
