# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A worker that is told to stop lets go of a shard in its midst, and another one does the rest."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from media_server.jobs.kinds import RotateJob
from media_server.jobs.worker import HandedBackError
from media_server.store.replication import Replication

from tests.unit.media_server.rotation.conftest import HERE, World

# One shard of it has two assets, of four files each.
ASSETS = 8


def told_to_stop_after(calls: int) -> Callable[[float], None]:
    left = iter(range(calls))

    def progress(_share: float) -> None:
        if next(left, None) is None:
            raise HandedBackError

    return progress


@pytest.mark.parametrize(("mode", "version"), [("reencrypt", 2), ("rewrap", 1)])
def test_a_shard_is_left_in_its_midst_and_gone_on_with(mode, version):
    world = World(tenants=1, each=ASSETS)
    rotations = world.rotations()
    identity = rotations.plan({"mode": mode, "concurrency": 1})["rotation_id"]
    rotations.start(identity)
    (job,) = world.queues[HERE]
    before = world.puts()
    with pytest.raises(HandedBackError):
        RotateJob(world.services()).run(job, told_to_stop_after(1))
    assert rotations.status(identity)["shards"]["done"] == 0
    begun = world.puts() - before
    world.work()
    assert rotations.status(identity)["phase"] == "rotated"
    assert world.play_all() == {version}
    assert begun < (world.puts() - before) / 4


def test_waiting_for_the_other_region_is_left_too():
    world = World(tenants=1, each=ASSETS)
    world.s3[HERE].replicated = lambda _key: "PENDING"
    rotations = world.rotations()
    identity = rotations.plan({"mode": "reencrypt", "concurrency": 1})["rotation_id"]
    rotations.start(identity)
    services = world.services()
    patient = dataclasses.replace(services, replication=Replication(services.objects, timeout_s=60, interval_s=0.001))
    # The call of each of both assets, twice, and one of each file: what follows is the wait.
    with pytest.raises(HandedBackError):
        RotateJob(patient).run(world.queues[HERE][0], told_to_stop_after(2 * (2 + 4)))
    assert rotations.status(identity)["shards"]["done"] == 0
