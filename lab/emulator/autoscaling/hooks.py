# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Decide how long lifecycle hooks keep an instance waiting, and what comes of it: pure.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks-overview.html
"""

from __future__ import annotations

from dataclasses import dataclass

CONTINUE, ABANDON = "CONTINUE", "ABANDON"
# A wait lasts at most 100 heartbeats or 48 hours, whichever is less.
_HEARTBEATS, _LONGEST = 100, 48 * 3600


@dataclass
class Wait:
    """One hook that keeps one instance waiting; times are Unix seconds."""

    hook: str
    token: str
    began: float
    heartbeat: int
    default: str
    deadline: float
    result: str = ""

    @classmethod
    def begin(cls, hook: str, token: str, heartbeat: int, default: str, now: float) -> Wait:
        return cls(hook, token, now, heartbeat, default, now + heartbeat)

    def beat(self, now: float) -> None:
        """Prolong the wait by a whole heartbeat timeout."""
        latest = self.began + min(self.heartbeat * _HEARTBEATS, _LONGEST)
        self.deadline = min(now + self.heartbeat, latest)

    def result_at(self, now: float) -> str:
        """Return what was given, the default once it is too late to give one, nothing before."""
        return self.result or (self.default if now >= self.deadline else "")


def verdict(waits: list[Wait], now: float) -> str | None:
    """CONTINUE once all hooks are done, ABANDON as soon as one gives up, None as long as one is waited for."""
    results = [wait.result_at(now) for wait in waits]
    if ABANDON in results:
        return ABANDON
    return CONTINUE if all(results) else None
