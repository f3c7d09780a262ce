# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Prometheus metrics of the server."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily

from media_server.errors import MediaError

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_QUEUE_KEPT_S = 10.0


class ServerMetrics:
    """Requests and their durations by route, licences by kind, refusals by code."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._requests = Counter(
            "media_requests_total", "Requests that were answered", ["method", "route", "status"], registry=registry
        )
        self._seconds = Histogram(
            "media_request_seconds", "Time to the end of an answer", ["route"], buckets=_SECONDS, registry=registry
        )
        self._licences = Counter("media_licences_total", "Keys that were handed out", ["kind"], registry=registry)
        self._refusals = Counter("media_refusals_total", "Requests that were refused", ["code"], registry=registry)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        self._requests.labels(method, route, status).inc()
        self._seconds.labels(route).observe(seconds)

    def licensed(self, kind: str) -> None:
        """Count a delivered key."""
        self._licences.labels(kind).inc()

    def refused(self, code: str) -> None:
        """Count a refused request."""
        self._refusals.labels(code).inc()


class QueueCollector:
    """The queue's depth, read when Prometheus scrapes, at most every few seconds; nothing if SQS doesn't answer."""

    def __init__(self, depth: Callable[[], dict[str, int]]) -> None:
        self._depth = depth
        self._kept: dict[str, int] = {}
        self._until = 0.0
        self._lock = threading.Lock()

    def describe(self) -> list[Any]:
        """Return nothing, so that registering doesn't call SQS."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauge of the queue's depth."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._until = time.monotonic() + _QUEUE_KEPT_S
                try:
                    self._kept = self._depth()
                except (BotoCoreError, ClientError, MediaError, KeyError, ValueError):
                    self._kept = {}
            kept = dict(self._kept)
        family = GaugeMetricFamily("media_queue_messages", "Jobs in the queue, by SQS's estimate", labels=["state"])
        for state, number in kept.items():
            family.add_metric([state], number)
        yield family
