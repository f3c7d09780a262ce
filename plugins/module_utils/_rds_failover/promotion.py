# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Promote a read replica: ask once, then wait, whatever AWS answers in between. RDS, as `rds`, is passed in.

While RDS promotes, the status is ``modifying``, the instance still names its source, and another ask is answered with
InvalidDBInstanceState. So a refusal says that nothing was begun only where it answers the very first ask of a failover.
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_PromoteReadReplica.html
"""

from __future__ import annotations

import time
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.answers import (
    is_denied,
    is_refused,
    is_throttled,
    may_pass,
)

# A replica in one of these states can be promoted.
PROMOTABLE = frozenset({"available", "storage-optimization"})

_INTERVAL = 0.5
# Seconds between two asks, and until RDS shows by the status that it has begun.
_ASK_AGAIN, _NOTICED = 5.0, 120.0
# Seconds for which a throttled first ask is repeated, while nobody can write.
_THROTTLED = 30.0


class RefusedError(PlatformError):
    """RDS did not begin to promote the replica."""


class Replica(t.Protocol):
    """The DB instance to promote."""

    name: str

    def describe(self) -> dict[str, t.Any] | None:
        """Return RDS's description; None where there is no instance."""

    def ask_to_promote(self) -> None:
        """Send one request, without retries."""


class Promotion:
    """One run's part of a promotion. ``first``: nobody can have asked for it before."""

    def __init__(self, replica: Replica, *, first: bool, interval: float = _INTERVAL, ask_again: float = _ASK_AGAIN):
        self._replica = replica
        self._certain = first
        self._interval = interval
        self._ask_again = ask_again
        self._asked_at: float | None = None
        self._began = time.monotonic()
        self._said = ""

    def complete(self, deadline: float) -> None:
        """Return once the instance has no source. Raise RefusedError where nothing was begun, else PlatformError to wait longer."""
        while not self._is_done():
            if time.monotonic() >= deadline:
                raise PlatformError(
                    f"{self._replica.name} took too long to be promoted. Fix: run again to wait longer.{self._last_said}"
                )
            time.sleep(self._interval)

    @property
    def _last_said(self) -> str:
        return f" RDS answered last: {self._said}" if self._said else ""

    def _is_done(self) -> bool:
        try:
            found = self._replica.describe()
        except PlatformError as failure:
            if not may_pass(failure):
                raise
            self._said = str(failure)
            return False
        if not found:
            raise PlatformError(f"The DB instance {self._replica.name} is gone: there is nothing to promote.")
        if not found.get("ReadReplicaSourceDBInstanceIdentifier"):
            return True
        # A first ask is sent whatever the status: the answer tells.
        if (self._certain or found["DBInstanceStatus"] in PROMOTABLE) and self._is_time_to_ask():
            self._ask()
        return False

    def _is_time_to_ask(self) -> bool:
        pause = self._interval if self._certain else self._ask_again
        return self._asked_at is None or time.monotonic() - self._asked_at >= pause

    def _ask(self) -> None:
        self._asked_at = time.monotonic()
        try:
            self._replica.ask_to_promote()
        except PlatformError as failure:
            self._said = str(failure)
            self._judge(failure)
        else:
            self._certain, self._said = False, ""

    def _judge(self, failure: PlatformError) -> None:
        waited = time.monotonic() - self._began
        if is_throttled(failure) and (not self._certain or waited < _THROTTLED):
            return
        if self._certain and (is_refused(failure) or is_throttled(failure)):
            raise RefusedError(str(failure)) from failure
        self._certain = False
        if is_denied(failure) and waited >= _NOTICED:
            raise PlatformError(f"{failure} {self._replica.name} is still a replica. Run again once that is allowed.")
