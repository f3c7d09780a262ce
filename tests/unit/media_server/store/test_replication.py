# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What counts as replicated, and the error of a wait that times out. S3 is simulated."""

from __future__ import annotations

import pytest
from media_server.errors import UnavailableError
from media_server.store.active import ActiveRegion
from media_server.store.objects import ObjectStore
from media_server.store.replication import Replication

from tests.support.media_fakes import FakeRecord, FakeS3

RULE = {"Status": "Enabled", "Filter": {"Prefix": "media/"}}


class Bucket:
    def __init__(self, rules, status="PENDING"):
        self.time, self.status = 0.0, status
        self.s3 = FakeS3(rules=rules, replicated=lambda _key: self.status)
        self.store = ObjectStore(self.s3, "b")
        for key in ("media/1", "media/2", "other/1"):
            self.store.put(key, b"x")

    def replication(self) -> Replication:
        return Replication(self.store, timeout_s=10, clock=lambda: self.time, sleep=self.sleep)

    def sleep(self, seconds: float) -> None:
        self.time += seconds
        if self.time > 5 and self.status == "LATE":
            self.status = "COMPLETED"


@pytest.mark.parametrize("rules", [None, [], [RULE | {"Status": "Disabled"}]])
def test_without_replication_there_is_nothing_to_wait_for(rules):
    bucket = Bucket(rules)
    assert bucket.replication().pending(["media/1"]) == []


@pytest.mark.parametrize("filtered", [{"Filter": {"And": {"Prefix": "media/"}}}, {"Prefix": "media/"}, {"Filter": {}}])
def test_rules_of_all_forms_count(filtered):
    bucket = Bucket([{"Status": "Enabled", **filtered}])
    assert bucket.replication().pending(["media/1"]) == ["media/1"]


def test_only_what_a_rule_covers_is_waited_for():
    assert Bucket([RULE]).replication().pending(["media/1", "other/1"]) == ["media/1"]
    assert Bucket([RULE], "REPLICA").replication().pending(["media/1"]) == []


def test_a_wait_ends_with_the_replication():
    bucket = Bucket([RULE], "LATE")
    bucket.replication().wait(["media/1", "media/2"])
    assert 5 < bucket.time < 10


def test_a_wait_that_times_out_names_the_pending_objects():
    with pytest.raises(UnavailableError, match=r"10 s still not replicated: media/1, media/2"):
        Bucket([RULE]).replication().wait(["media/1", "media/2"])
    with pytest.raises(UnavailableError, match="failed to replicate media/1"):
        Bucket([RULE], "FAILED").replication().wait(["media/1"])


def test_only_the_active_region_may_write():
    ActiveRegion(FakeRecord("me-west-1"), "t", "me-west-1").require()
    ActiveRegion(None, "", "me-west-1").require()
    with pytest.raises(UnavailableError, match="not the active region: writes are accepted in eu-central-1"):
        ActiveRegion(FakeRecord("eu-central-1"), "t", "me-west-1").require()
    with pytest.raises(UnavailableError, match="record doesn't exist"):
        ActiveRegion(FakeRecord(None), "t", "me-west-1").require()
