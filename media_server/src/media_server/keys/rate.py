# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A token bucket, which limits a rate."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class TokenBucket:
    """Allows `per_s` operations a second on average, and up to `burst` at once. Threads share it."""

    def __init__(
        self,
        per_s: float,
        burst: float | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ):
        if per_s <= 0:
            raise ValueError("the rate must be greater than 0")
        self._per_s = per_s
        self._burst = max(1.0, per_s if burst is None else burst)
        self._clock = clock
        self._sleep = sleep
        self._tokens = self._burst
        self._filled_at = clock()
        self._lock = threading.Lock()

    def take(self) -> None:
        """Take a token; sleep until one is available."""
        with self._lock:
            now = self._clock()
            self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._per_s)
            self._filled_at = now
            # Sleep outside the lock; the debt makes the next caller wait longer.
            self._tokens -= 1
            pause = -self._tokens / self._per_s
        if pause > 0:
            self._sleep(pause)
