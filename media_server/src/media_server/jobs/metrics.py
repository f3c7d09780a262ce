# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Prometheus metrics of the worker."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_JOB_SECONDS = (0.1, 1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200)


class WorkerMetrics:
    """Jobs by kind and result, their duration, their time in the queue, and how many are running."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.running = Gauge("media_jobs_running", "Jobs being worked on", registry=registry)
        self.waited = Histogram(
            "media_queue_wait_seconds", "Age of a message when it was taken", buckets=_JOB_SECONDS, registry=registry
        )
        self._done = Counter("media_jobs_total", "Jobs that ended", ["kind", "result"], registry=registry)
        self._seconds = Histogram(
            "media_job_seconds", "How long jobs took", ["kind"], buckets=_JOB_SECONDS, registry=registry
        )

    def done(self, kind: str, result: str, seconds: float) -> None:
        """Count a finished job."""
        self._done.labels(kind, result).inc()
        self._seconds.labels(kind).observe(seconds)
