# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A stopped worker leaves a shard unfinished, and another one completes it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from media_server.jobs.kinds import RotateJob
from media_server.jobs.worker import HandedBackError
from media_server.store.replication import Replication

from tests.unit.media_server.rotation.conftest import HERE, TwoRegions

# One shard of it has two assets, of four files each.
ASSETS = 8


def told_to_stop_after(calls: int) -> Callable[[float], None]:
    left = iter(range(calls))

    def progress(_share: float) -> None:
        if next(left, None) is None:
            raise HandedBackError

    return progress


@pytest.mark.parametrize(("mode", "version"), [("reencrypt", 2), ("rewrap", 1)])
def test_a_shard_is_interrupted_and_continued(mode, version):
    regions = TwoRegions(tenants=1, each=ASSETS)
    rotations = regions.rotations()
    identity = rotations.plan({"mode": mode, "concurrency": 1})["rotation_id"]
    rotations.start(identity)
    (job,) = regions.queues[HERE]
    before = regions.puts()
    with pytest.raises(HandedBackError):
        RotateJob(regions.services()).run(job, told_to_stop_after(1))
    assert rotations.status(identity)["shards"]["done"] == 0
    begun = regions.puts() - before
    regions.work()
    assert rotations.status(identity)["phase"] == "rotated"
    assert regions.play_all() == {version}
    assert begun < (regions.puts() - before) / 4


def test_the_wait_for_replication_is_interrupted_too():
    regions = TwoRegions(tenants=1, each=ASSETS)
    regions.s3[HERE].replicated = lambda _key: "PENDING"
    rotations = regions.rotations()
    identity = rotations.plan({"mode": "reencrypt", "concurrency": 1})["rotation_id"]
    rotations.start(identity)
    services = regions.services()
    patient = dataclasses.replace(services, replication=Replication(services.objects, timeout_s=60, interval_s=0.001))
    # One call per asset in each of two passes, and one per file: the next is the wait.
    with pytest.raises(HandedBackError):
        RotateJob(patient).run(regions.queues[HERE][0], told_to_stop_after(2 * (2 + 4)))
    assert rotations.status(identity)["shards"]["done"] == 0
