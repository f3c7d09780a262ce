# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Ask for a promotion once, and wait for it whatever AWS answers in between."""

from __future__ import annotations

import time

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError, doing
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover import promotion
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.promotion import (
    Promotion,
    RefusedError,
)
from botocore.exceptions import ClientError, ReadTimeoutError


def _error(code: str, status: int = 400) -> ClientError:
    answer = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "PromoteReadReplica")


_BUSY = _error("InvalidDBInstanceState")
_TIMED_OUT = ReadTimeoutError(endpoint_url="https://rds")
_THROTTLED = _error("Throttling")


class Replica:
    """An instance that is promoted some looks after RDS took the ask: as RDS describes it, and answers."""

    name = "replica in eu-central-1"

    def __init__(
        self, *answers: Exception | None, taken_anyway: bool = False, looks: int = 3, status: str = "available"
    ):
        self._answers = list(answers)
        self._taken_anyway = taken_anyway
        self._left = looks
        self._status = status
        self.promoting = False
        self.asked = 0
        self.unread: list[Exception] = []

    def describe(self):
        if self.unread:
            with doing("read"):
                raise self.unread.pop(0)
        if not self.promoting:
            return {"DBInstanceStatus": self._status, "ReadReplicaSourceDBInstanceIdentifier": "arn"}
        self._left -= 1
        if self._left < 0:
            # The status need not be available yet.
            return {"DBInstanceStatus": "backing-up"}
        return {"DBInstanceStatus": "modifying", "ReadReplicaSourceDBInstanceIdentifier": "arn"}

    def ask_to_promote(self):
        self.asked += 1
        with doing("promote"):
            answer = self._answers.pop(0) if self._answers else (_BUSY if self.promoting else None)
            if answer is None or (self._taken_anyway and isinstance(answer, ReadTimeoutError)):
                self.promoting = True
            if answer:
                raise answer


def _complete(replica: Replica, *, first: bool = True, seconds: float = 2) -> None:
    Promotion(replica, first=first, interval=0.001, ask_again=0.002).complete(time.monotonic() + seconds)


def test_it_is_asked_once_and_awaited_until_the_source_is_gone():
    replica = Replica(None)
    _complete(replica)
    assert replica.asked == 1


def test_a_refusal_of_the_first_ask_counts():
    for code in ("InvalidDBInstanceState", "AccessDenied", "KMSKeyNotAccessibleFault"):
        replica = Replica(_error(code))
        with pytest.raises(RefusedError, match=code):
            _complete(replica)
        assert replica.asked == 1


def test_a_time_out_says_nothing_so_it_is_awaited():
    replica = Replica(_TIMED_OUT, taken_anyway=True)
    _complete(replica)
    assert replica.asked == 1


def test_a_time_out_of_what_rds_never_got_is_asked_again():
    replica = Replica(_TIMED_OUT, None)
    _complete(replica)
    assert replica.asked == 2


def test_after_a_time_out_a_refusal_does_not_count():
    replica = Replica(_TIMED_OUT, _BUSY, None)
    _complete(replica)
    assert replica.asked == 3


def test_an_error_of_the_server_says_nothing_either():
    replica = Replica(_error("InternalFailure", 500), _BUSY, None)
    _complete(replica)


def test_a_run_that_resumes_takes_no_refusal_for_an_answer():
    for code in ("InvalidDBInstanceState", "AccessDenied"):
        replica = Replica(_error(code), None)
        _complete(replica, first=False)
        assert replica.asked == 2


def test_a_run_that_resumes_does_not_ask_while_rds_promotes():
    replica = Replica(looks=5)
    replica.promoting = True
    _complete(replica, first=False)
    assert replica.asked == 0


def test_a_replica_that_is_backed_up_is_not_asked_by_a_run_that_resumes():
    replica = Replica(status="backing-up")
    with pytest.raises(PlatformError, match="took too long"):
        _complete(replica, first=False, seconds=0.05)
    assert replica.asked == 0


def test_a_throttled_first_ask_stays_the_first():
    replica = Replica(_THROTTLED, _THROTTLED, _BUSY)
    with pytest.raises(RefusedError):
        _complete(replica)
    assert replica.asked == 3


def test_throttling_without_end_is_a_refusal(monkeypatch):
    monkeypatch.setattr(promotion, "_THROTTLED", 0.02)
    with pytest.raises(RefusedError, match="Throttling"):
        _complete(Replica(*[_THROTTLED] * 1000))


def test_rights_that_are_missing_for_good_end_a_run_that_resumes(monkeypatch):
    monkeypatch.setattr(promotion, "_NOTICED", 0.02)
    with pytest.raises(PlatformError, match=r"AccessDenied.*still a replica") as raised:
        _complete(Replica(*[_error("AccessDenied")] * 1000), first=False)
    assert not isinstance(raised.value, RefusedError)


def test_a_description_that_can_not_be_read_is_read_again():
    replica = Replica(None)
    replica.unread = [_TIMED_OUT, _THROTTLED, _error("InternalFailure", 500)]
    _complete(replica)
    replica = Replica(None)
    replica.unread = [_error("AccessDenied")]
    with pytest.raises(PlatformError, match="AccessDenied"):
        _complete(replica)


def test_an_instance_that_is_gone_can_not_be_promoted():
    replica = Replica()
    replica.describe = lambda: None
    with pytest.raises(PlatformError, match="is gone"):
        _complete(replica)
