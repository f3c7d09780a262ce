# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read which region is active: only that region may write. The region record has a copy in each region (role region_record)."""

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
    """This region's copy of the record, in the DynamoDB table `table`.

    Never cached: it is read before each decision that depends on it.

    Without a table there is only one region, which is always active.
    """

    def __init__(self, client: Any, table: str, region: str, retries: Retries | None = None):
        self.region = region
        self._client = client
        self._table = table
        self._retries = retries or Retries(deadline_s=10)

    def name(self) -> str:
        """Return the active region. Raise UnavailableError if there is no record."""
        if not self._table:
            return self.region

        def read() -> Any:
            return self._client.get_item(TableName=self._table, Key={"name": {"S": _NAME}}, ConsistentRead=True)

        item = self._retries("read the region record", read).get("Item") or {}
        active = item.get("active_region", {}).get("S")
        if not active:
            raise UnavailableError("no-region-record", "The region record doesn't exist: no region accepts writes.")
        return str(active)

    def is_here(self) -> bool:
        """Return whether this region is active."""
        return self.name() == self.region

    def require(self) -> None:
        """Raise UnavailableError if this region isn't active."""
        active = self.name()
        if active != self.region:
            message = f"{self.region} is not the active region: writes are accepted in {active} only."
            raise UnavailableError("not-active", message)


class RecentlyActive:
    """Reads the record at most once in `kept_s` seconds, for many small steps whose cost it would double."""

    def __init__(self, active: ActiveRegion, kept_s: float = RECENT_S, clock: Callable[[], float] = time.monotonic):
        self._active = active
        self._kept_s = kept_s
        self._clock = clock
        self._until = float("-inf")
        self._lock = threading.Lock()

    def require(self) -> None:
        """Raise UnavailableError if this region wasn't active when the record was last read."""
        with self._lock:
            if self._clock() >= self._until:
                self._active.require()
                self._until = self._clock() + self._kept_s
