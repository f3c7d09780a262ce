# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A token bucket keeps its rate, and allows a burst."""

from __future__ import annotations

import pytest
from media_server.keys.rate import TokenBucket


class Time:
    def __init__(self):
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_after_the_burst_the_rate_holds():
    time = Time()
    bucket = TokenBucket(10, burst=5, clock=time.clock, sleep=time.sleep)
    for _ in range(5):
        bucket.take()
    assert time.now == 0
    for _ in range(100):
        bucket.take()
    assert time.now == pytest.approx(10)


def test_idle_time_accumulates_one_burst_at_most():
    time = Time()
    bucket = TokenBucket(10, burst=2, clock=time.clock, sleep=time.sleep)
    time.now = 1000
    for _ in range(12):
        bucket.take()
    assert time.now == pytest.approx(1001)


def test_a_rate_of_zero_is_refused():
    with pytest.raises(ValueError, match="greater than 0"):
        TokenBucket(0)
