# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The worker and its messages: kept, deleted, handed back, and never lost."""

from __future__ import annotations

import json
import threading
import time

import pytest
from botocore.exceptions import EndpointConnectionError
from media_server.errors import UnavailableError
from media_server.jobs.metrics import WorkerMetrics
from media_server.jobs.package_job import ELSEWHERE
from media_server.jobs.queue import Heartbeat, JobQueue
from media_server.jobs.worker import REST_INACTIVE_S, REST_S, Job, Worker
from media_server.store.retries import Retries
from prometheus_client import CollectorRegistry

from tests.support.media_service_fakes import FakeSqs


class Recorded(Job):
    """A job with a configured result."""

    def __init__(self) -> None:
        self.began, self.let_go = threading.Event(), threading.Event()
        self.error: Exception | None = None
        self.error_of_giving_up: Exception | None = None
        self.waits = False
        self.runs = 0
        self.given_up: list[dict] = []

    def run(self, body, progress):
        self.runs += 1
        self.began.set()
        while self.waits and not self.let_go.is_set():
            progress(0.5)
            time.sleep(0.005)
        if self.error:
            raise self.error
        return "done"

    def give_up(self, body):
        if self.error_of_giving_up:
            raise self.error_of_giving_up
        self.given_up.append(body)


class Running:
    """A worker with a queue in memory."""

    def __init__(self, *texts: str, receives: int = 1) -> None:
        self.sqs, self.job, self.registry = FakeSqs(), Recorded(), CollectorRegistry()
        for text in texts:
            self.sqs.put(text, receives)
        queue = JobQueue(self.sqs, "q", retries=Retries(deadline_s=0.2, sleep=lambda _seconds: None))
        self.worker = Worker(queue, {"package": self.job}, WorkerMetrics(self.registry))

    def until(self, condition) -> None:
        self.worker.start()
        end = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < end
            time.sleep(0.005)

    def finish(self) -> None:
        self.worker.stop("the test ends")
        assert self.worker.join(10)

    def jobs(self, kind: str, result: str) -> float | None:
        return self.registry.get_sample_value("media_jobs_total", {"kind": kind, "result": result})


MESSAGE = json.dumps({"kind": "package", "tenant": "acme", "asset": "intro"})


def test_the_message_of_a_finished_job_is_removed():
    running = Running(MESSAGE)
    running.until(lambda: running.sqs.removed)
    running.finish()
    assert running.sqs.visibility == []
    assert running.jobs("package", "done") == 1
    assert running.registry.get_sample_value("media_queue_wait_seconds_sum") >= 1


def test_a_stopped_worker_hands_back_its_messages_at_once():
    running = Running(MESSAGE, receives=2)
    running.job.waits = True
    running.until(running.job.began.is_set)
    running.worker.stop("SIGTERM")
    # As a new message: an end of the host is no attempt.
    returned = [(item["Body"], item["Attributes"]["ApproximateReceiveCount"]) for item in running.sqs.waiting]
    assert returned == [(MESSAGE, "1")]
    assert running.worker.join(5)
    assert len(running.sqs.waiting) == len(running.sqs.removed) == 1
    assert running.sqs.visibility == []
    assert running.jobs("package", "handed-back") == 1
    assert running.job.given_up == []


@pytest.mark.parametrize("error", [UnavailableError("busy", "busy"), ValueError("unforeseen")])
def test_the_message_of_a_failed_job_returns_later(error):
    running = Running(MESSAGE)
    running.job.error = error
    running.until(lambda: running.sqs.visibility)
    running.finish()
    assert running.sqs.visibility[0][1] == REST_S
    assert running.sqs.removed == []
    assert running.job.given_up == []


def test_the_last_receipt_marks_the_failure_and_leaves_the_message_to_the_dead_letter_queue():
    running = Running(MESSAGE, receives=3)
    running.until(lambda: running.sqs.visibility)
    running.finish()
    assert [body["asset"] for body in running.job.given_up] == ["intro"]
    assert running.job.runs == 0
    assert running.sqs.removed == []
    assert running.jobs("package", "given-up") == 1


def test_with_one_receipt_per_message_it_is_an_attempt():
    running = Running(MESSAGE)
    running.sqs.most_receives = 1
    running.until(lambda: running.sqs.removed)
    running.finish()
    assert (running.job.runs, running.job.given_up) == (1, [])


@pytest.mark.parametrize("receives", [1, 3])
def test_a_message_in_an_inactive_region_is_delayed_without_counting_a_receipt(receives):
    """Otherwise it would be in the dead-letter queue after an afternoon in the other region."""
    running = Running(MESSAGE, receives=receives)
    running.job.error = running.job.error_of_giving_up = UnavailableError("not-active", "not active")
    running.until(lambda: running.sqs.removed)
    running.finish()
    assert running.sqs.delayed == [(MESSAGE, REST_INACTIVE_S)]
    assert running.sqs.visibility == []
    assert running.job.given_up == []
    assert running.jobs("package", "put-off") == 1


def test_a_source_that_this_host_refused_is_left_to_another():
    running = Running(MESSAGE, receives=2)
    running.job.error = UnavailableError(ELSEWHERE, "another host tries it", retry_after_s=10)
    running.until(lambda: running.sqs.removed)
    running.finish()
    assert running.sqs.delayed == [(MESSAGE, 10)]
    assert running.sqs.visibility == []
    assert running.jobs("package", "left-to-another") == 1


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "7", '"package"', "{}", '{"kind": "unknown"}', '{"kind": ["package"]}', "[" * 5000]
)
def test_an_unknown_message_is_left_to_the_dead_letter_queue(text):
    running = Running(text)
    running.until(lambda: running.sqs.visibility)
    running.finish()
    assert running.job.runs == 0
    assert running.sqs.removed == []
    assert running.jobs("unknown", "poison") == 1


def test_a_heartbeat_keeps_a_message_until_its_end():
    sqs = FakeSqs()
    sqs.put(MESSAGE)
    queue = JobQueue(sqs, "q")
    message = queue.receive(0)
    with Heartbeat(queue, message, every_s=0.01) as beating:
        end = time.monotonic() + 5
        while len(sqs.visibility) < 3:
            assert time.monotonic() < end
            time.sleep(0.005)
    beats = len(sqs.visibility)
    time.sleep(0.05)
    assert len(sqs.visibility) == beats
    assert {receipt for receipt, _seconds in sqs.visibility} == {message.receipt}
    assert not beating.lost.is_set()


def test_a_heartbeat_reports_when_another_worker_may_have_the_message(monkeypatch):
    monkeypatch.setattr("media_server.jobs.queue.VISIBLE_AFTER_S", 0.05)
    sqs = FakeSqs()
    sqs.put(MESSAGE)
    queue = JobQueue(sqs, "q", retries=Retries(deadline_s=0.01, sleep=lambda _seconds: None))

    def unreachable(**_asked):
        raise EndpointConnectionError(endpoint_url="https://sqs.invalid")

    sqs.change_message_visibility = unreachable
    with Heartbeat(queue, queue.receive(0), every_s=0.01) as beating:
        assert beating.lost.wait(5)


def test_a_job_longer_than_sqs_allows_is_given_up():
    sqs = FakeSqs()
    sqs.put(MESSAGE)
    queue = JobQueue(sqs, "q")
    with Heartbeat(queue, queue.receive(0), every_s=0.01, longest_s=0.03) as beating:
        assert beating.lost.wait(5)


def test_a_receipt_is_in_no_repr():
    sqs = FakeSqs()
    sqs.put(MESSAGE)
    message = JobQueue(sqs, "q").receive(0)
    assert message.receipt not in repr(message)
