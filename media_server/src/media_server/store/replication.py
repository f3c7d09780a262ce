# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Wait until objects are replicated to the other region. Replication has no order: a pointer may arrive before its version.

Statuses: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-status.html
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from botocore.exceptions import ClientError

from media_server.errors import UnavailableError
from media_server.store.objects import ObjectStore
from media_server.store.parallel import run_parallel
from media_server.store.retries import Retries, error_code

_ARRIVED = {"COMPLETED", "COMPLETE", "REPLICA"}
_RULES_KEPT_S = 60.0
_NAMED = 3


class Replication:
    """The replication of a store's bucket. Objects that no rule covers don't need to be replicated."""

    def __init__(
        self,
        objects: ObjectStore,
        *,
        timeout_s: float = 900.0,
        interval_s: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ):
        self._objects = objects
        self._timeout_s = timeout_s
        self._interval_s = interval_s
        self._clock = clock
        self._sleep = sleep
        self._rules: tuple[float, Sequence[str]] | None = None

    def is_configured(self) -> bool:
        """Return whether the bucket has a replication rule."""
        return bool(self._prefixes())

    def pending(self, keys: Iterable[str]) -> list[str]:
        """Return the keys that aren't replicated yet. Raise UnavailableError if S3 failed to replicate one."""
        prefixes = self._prefixes()
        covered = [key for key in keys if any(key.startswith(prefix) for prefix in prefixes)]
        if not covered:
            return []
        statuses = run_parallel(self._status, covered)
        failed = [key for key, status in zip(covered, statuses, strict=True) if status == "FAILED"]
        if failed:
            message = f"S3 failed to replicate {_named(failed)}. Fix: correct the replication's role, keys or buckets, and retry."
            raise UnavailableError("replication-failed", message)
        return [key for key, status in zip(covered, statuses, strict=True) if status not in _ARRIVED]

    def wait(self, keys: Iterable[str], checkpoint: Callable[[], None] = lambda: None) -> None:
        """Wait until all keys are replicated.

        Raise UnavailableError, which names the pending ones; an error of `checkpoint` ends the wait.
        """
        until = self._clock() + self._timeout_s
        left = self.pending(keys)
        while left:
            if self._clock() >= until:
                message = f"After {self._timeout_s:.0f} s still not replicated: {_named(left)}. No pointer refers to them yet."
                raise UnavailableError("not-replicated", message)
            checkpoint()
            self._sleep(self._interval_s)
            left = self.pending(left)

    def _status(self, key: str) -> str:
        return str(self._objects.head(key).get("ReplicationStatus", ""))

    def _prefixes(self) -> Sequence[str]:
        if self._rules is None or self._clock() >= self._rules[0]:
            self._rules = (self._clock() + _RULES_KEPT_S, self._read_prefixes())
        return self._rules[1]

    def _read_prefixes(self) -> Sequence[str]:
        client, bucket = self._objects.client, self._objects.bucket
        try:
            answer = Retries()(
                f"read the replication of {bucket}", lambda: client.get_bucket_replication(Bucket=bucket)
            )
        except ClientError as error:
            if error_code(error) == "ReplicationConfigurationNotFoundError":
                return ()
            raise
        rules = answer["ReplicationConfiguration"]["Rules"]
        return [_prefix(rule) for rule in rules if rule.get("Status") == "Enabled"]


def _prefix(rule: dict[str, Any]) -> str:
    filtered = rule.get("Filter") or {}
    within = filtered.get("And") or filtered
    return str(within.get("Prefix") or rule.get("Prefix") or "")


def _named(keys: Sequence[str]) -> str:
    more = f" and {len(keys) - _NAMED} more" if len(keys) > _NAMED else ""
    return ", ".join(keys[:_NAMED]) + more
