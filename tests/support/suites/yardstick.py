# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Measure how fast the machine is during a run: a fixed piece of work, timed again and again."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

_ROUNDS = 60_000
_EVERY_S = 20.0


def work() -> None:
    """Do the fixed piece of work: about 50 ms of one free core."""
    digest = b""
    for _ in range(_ROUNDS):
        digest = hashlib.sha256(digest).digest()


class Yardstick:
    """Times the work at most every few seconds, and averages: a busy machine is a slow one."""

    def __init__(self, work: Callable[[], None] = work, clock: Callable[[], float] = time.perf_counter):
        self._work, self._clock = work, clock
        self._taken: list[float] = []
        self._last = float("-inf")

    def sample(self) -> None:
        """Time the work, unless that was done a moment ago."""
        began = self._clock()
        if began - self._last < _EVERY_S:
            return
        self._work()
        self._last = self._clock()
        self._taken.append(self._last - began)

    @property
    def seconds(self) -> float:
        """The mean of all samples."""
        return sum(self._taken) / len(self._taken) if self._taken else 0.0
