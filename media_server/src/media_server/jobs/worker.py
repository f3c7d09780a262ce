# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The worker: runs jobs from the queue, one per thread, until it is stopped, and then returns unfinished jobs to the queue."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

import structlog
from botocore.exceptions import BotoCoreError, ClientError

from media_server.errors import MediaError, UnavailableError
from media_server.jobs.metrics import WorkerMetrics
from media_server.jobs.package_job import ELSEWHERE
from media_server.jobs.queue import Heartbeat, JobQueue, Message

# Delay after a failed attempt: long enough for a throttled service, short compared to a job.
REST_S = 30
# Delay while this region isn't active, which may take days.
REST_INACTIVE_S = 900
_PAUSE_S = 5.0

log = structlog.get_logger("media_server.worker")

Progress = Callable[[float], None]


class HandedBackError(Exception):
    """The worker is stopping: the job returns to the queue."""


class Job(Protocol):
    """Handles the messages of one kind. `run` raises errors that a retry may solve."""

    def run(self, body: dict[str, Any], progress: Progress) -> str:
        """Run the job and return its result in one word."""

    def give_up(self, body: dict[str, Any]) -> None:
        """Record that no attempt succeeded; the message goes to the dead-letter queue."""


class Worker:
    """Runs the messages of `queue` in `concurrency` threads, with the job of `jobs` for each kind."""

    def __init__(
        self,
        queue: JobQueue,
        jobs: Mapping[str, Job],
        metrics: WorkerMetrics,
        concurrency: int = 1,
    ) -> None:
        self._queue = queue
        self._jobs = jobs
        self._metrics = metrics
        self._threads = [
            threading.Thread(target=self._work, name=f"worker-{number}", daemon=True) for number in range(concurrency)
        ]
        self._running: dict[int, Message] = {}
        # Receipts of the messages that were sent anew.
        self._returned: set[str] = set()
        self._lock = threading.Lock()
        self.stopped = threading.Event()

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def stop(self, reason: str) -> None:
        """Take no more jobs, and return those in progress to the queue at once; the threads end soon after."""
        if self.stopped.is_set():
            return
        log.info("stopping", reason=reason)
        self.stopped.set()
        with self._lock:
            begun = list(self._running.values())
        for message in begun:
            self._return(message)

    def join(self, timeout_s: float) -> bool:
        """Wait for the threads. Return whether all have ended."""
        until = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        while not self.stopped.is_set():
            try:
                message = self._queue.receive()
            except (BotoCoreError, ClientError, MediaError) as error:
                log.warning("no job taken", error=type(error).__name__, code=getattr(error, "code", None))
                self.stopped.wait(_PAUSE_S)
                continue
            if message is not None:
                self._take(message)

    def _take(self, message: Message) -> None:
        identity = threading.get_ident()
        with self._lock:
            self._running[identity] = message
        try:
            if self.stopped.is_set():
                self._return(message)
                return
            self._metrics.waited.observe(message.waited_s)
            with self._metrics.running.track_inprogress():
                self._do(message)
        finally:
            with self._lock:
                self._running.pop(identity, None)

    def _do(self, message: Message) -> None:
        kind = str((message.body or {}).get("kind"))
        job = self._jobs.get(kind)
        job_log = log.bind(kind=kind if job else "unknown", **_named(message.body))
        if job is None or message.body is None:
            # The queue's redrive policy moves it to the dead-letter queue, for an operator to inspect.
            job_log.error("message not understood", receives=message.receives)
            self._metrics.done("unknown", "poison", 0.0)
            self._hand_back(message, REST_S)
            return
        began = time.monotonic()
        job_log.info("job begins", receives=message.receives, waited_s=round(message.waited_s, 1))
        result = self._run(job, message, job_log)
        seconds = time.monotonic() - began
        self._metrics.done(kind, result, seconds)
        job_log.info("job ends", result=result, seconds=round(seconds, 2))

    def _run(self, job: Job, message: Message, job_log: Any) -> str:
        heartbeat = Heartbeat(self._queue, message)

        def progress(_share: float) -> None:
            if self.stopped.is_set() or heartbeat.lost.is_set():
                raise HandedBackError

        body = message.body or {}
        try:
            if self._queue.is_last(message):
                # The last receipt is no attempt: if it were killed, nothing would mark the asset as failed.
                job.give_up(body)
                self._hand_back(message, REST_S)
                return "given-up"
            with heartbeat:
                result = job.run(body, progress)
            self._queue.remove(message)
            return result
        except HandedBackError:
            if self.stopped.is_set():
                self._return(message)
            return "handed-back"
        except Exception as error:
            # Keep the message after any error: a retry may succeed.
            job_log.warning(
                "job failed",
                error=type(error).__name__,
                code=getattr(error, "code", None),
                exc_info=_is_unexpected(error),
            )
            code = getattr(error, "code", "")
            if code == "not-active":
                self._delay(message, REST_INACTIVE_S)
                return "put-off"
            if isinstance(error, UnavailableError) and code == ELSEWHERE:
                self._delay(message, error.retry_after_s)
                return "left-to-another"
            self._hand_back(message, REST_S)
            return "failed-try"

    def _return(self, message: Message) -> None:
        """Send the message of an interrupted job anew, once: that its host ends is no attempt that failed."""
        with self._lock:
            if message.receipt in self._returned:
                return
            self._returned.add(message.receipt)
        self._delay(message, 0)

    def _hand_back(self, message: Message, seconds: int) -> None:
        with _log_queue_errors("handed back"):
            self._queue.change_visibility(message, seconds)

    def _delay(self, message: Message, seconds: int) -> None:
        """Delay the message without counting a receive.

        Otherwise it would be in the dead-letter queue before its region is active again.
        """
        with _log_queue_errors("put off"):
            self._queue.delay(message, seconds)


@contextlib.contextmanager
def _log_queue_errors(what: str) -> Iterator[None]:
    """Log a failed call to the queue: the message returns after its visibility timeout."""
    try:
        yield
    except (BotoCoreError, ClientError, UnavailableError) as error:
        log.warning(f"message not {what}: it returns after its visibility timeout", error=type(error).__name__)


def _is_unexpected(error: Exception) -> bool:
    return not isinstance(error, (MediaError, BotoCoreError, ClientError))


def _named(body: dict[str, Any] | None) -> dict[str, Any]:
    named = {name: (body or {}).get(name) for name in ("tenant", "asset", "rotation", "shard")}
    return {name: value for name, value in named.items() if isinstance(value, (str, int)) and len(str(value)) <= 80}
