# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""New content keys: everything plays at any time, decrypted by openssl, however often and wherever a worker dies."""

from __future__ import annotations

import pytest
from media_server.errors import ConflictError, UnavailableError
from media_server.rotation import run_shard
from media_server.store import layout
from media_server.store.objects import ObjectStore

from tests.support.media_content import SEGMENTS, openssl_cbc, play
from tests.unit.media_server.rotation.conftest import HERE, THERE, World


class Killed(BaseException):
    """Nothing catches it, as nothing catches a SIGKILL."""


def test_all_play_with_new_keys_and_the_same_sizes(world):
    sizes = {item: len(world.s3[HERE].content(layout.media_file(*item, 1, SEGMENTS[0]))) for item in world.assets}
    identity = world.rotate(mode="reencrypt")
    status = world.rotations().status(identity)
    assert (status["phase"], status["done"], status["failed"]) == ("rotated", 4, 0)
    assert world.play_all() == {2}
    for item in world.assets:
        assert len(world.s3[HERE].content(layout.media_file(*item, 2, SEGMENTS[0]))) == sizes[item]
    kids = {world.services().assets.key(*item, version)[0].kid for item in world.assets for version in (1, 2)}
    assert len(kids) == 8
    world.s3[HERE].replicate_to(world.s3[THERE])
    assert world.play_all(THERE) == {2}


def test_a_rerun_writes_nothing(world):
    params = {"mode": "reencrypt", "concurrency": 2}
    identity = world.rotate(**params)
    before = world.puts()
    rotations = world.rotations()
    assert rotations.plan(params)["rotation_id"] == identity
    assert rotations.start(identity)["phase"] == "rotated"
    assert world.queues[HERE] == []
    for shard in range(5):
        run_shard(world.services(), identity, shard)
    assert world.puts() == before


def test_a_plan_and_its_status_write_nothing_when_dry(world):
    plan = world.rotations().plan({"mode": "reencrypt", "dry_run": True})
    assert plan["plan"]["assets"] == 4
    assert plan["plan"]["objects"] == 4 * 6
    assert plan["plan"]["kms_calls"] == 2
    assert plan["plan"]["bytes"] > 4 * 2 * 12 * 188
    assert plan["phase"] == "planned"
    assert world.puts() == 0


def _die_at(world: World, number: int, when: str) -> None:
    """Die before or after the write of a number."""
    s3, count = world.s3[HERE], [0]
    write = s3.put_object

    def put(**asked):
        count[0] += 1
        if count[0] == number and when == "before":
            raise Killed
        answer = write(**asked)
        if count[0] == number:
            raise Killed
        return answer

    s3.put_object = put


def _run_until_killed(world: World) -> bool:
    try:
        services = world.services()
        while world.queues[HERE]:
            job = world.queues[HERE][0]
            run_shard(services, job["rotation"], job["shard"])
            world.queues[HERE].pop(0)
    except Killed:
        return True
    return False


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_that_dies_at_any_write_loses_nothing(when):
    number, killed = 0, True
    while killed:
        number += 1
        world = World(tenants=1, each=2)
        rotations = world.rotations()
        identity = rotations.plan({"mode": "reencrypt", "concurrency": 1})["rotation_id"]
        rotations.start(identity)
        _die_at(world, number, when)
        killed = _run_until_killed(world)
        world.play_all()
        del world.s3[HERE].put_object
        world.work()
        assert world.rotations().status(identity)["phase"] == "rotated", number
        assert world.play_all() == {2}, number
        assert not world.s3[HERE].names("media/tenant-0/film-0/v3/"), number
    assert number > 10


def test_a_planner_that_dies_at_any_write_loses_nothing():
    for number in range(1, 12):
        world = World(tenants=1, each=2)
        _die_at(world, number, "after")
        try:
            world.rotate(mode="reencrypt")
        except Killed:
            del world.s3[HERE].put_object
        identity = world.rotate(mode="reencrypt")
        assert world.rotations().status(identity)["phase"] == "rotated"
        assert world.play_all() == {2}


def test_two_workers_on_one_shard_make_one_version(world):
    rotations = world.rotations()
    identity = rotations.plan({"mode": "reencrypt", "concurrency": 1})["rotation_id"]
    rotations.start(identity)
    first, second, raced = world.services(), world.services(), [False]

    def race(operation, key):
        # In the midst of the first's work, the second does all of the same shard.
        if operation == "put_object" and key.endswith(SEGMENTS[1]) and not raced[0]:
            raced[0] = True
            run_shard(second, identity, 0)

    world.s3[HERE].fault = race
    run_shard(first, identity, 0)
    world.work()
    assert raced[0]
    assert world.play_all() == {2}
    assert world.rotations().status(identity)["phase"] == "rotated"


def test_the_pointer_waits_for_the_replication(world):
    world.s3[HERE].replicated = lambda key: "PENDING" if key.endswith(SEGMENTS[1]) else "COMPLETED"
    identity = world.rotate(mode="reencrypt")
    status = world.rotations().status(identity)
    assert (status["phase"], status["failed"], status["done"]) == ("incomplete", 4, 0)
    assert SEGMENTS[1] in status["failures"][0]["message"]
    assert world.play_all() == {1}
    world.s3[HERE].replicated = lambda _key: "COMPLETED"
    world.rotations().start(identity)
    world.work()
    assert world.rotations().status(identity)["phase"] == "rotated"
    assert world.play_all() == {2}


def test_nothing_is_done_in_a_region_that_is_not_active(world):
    rotations = world.rotations()
    identity = rotations.plan({"mode": "reencrypt"})["rotation_id"]
    rotations.start(identity)
    world.record.active = THERE
    before = world.puts()
    world.work()
    assert world.puts() == before
    for call in (rotations.start, rotations.roll_back, rotations.verify):
        with pytest.raises(UnavailableError, match="not the active region"):
            call(identity)
    with pytest.raises(UnavailableError):
        rotations.plan({"mode": "reencrypt", "rotation_id": "other"})
    assert rotations.plan({"mode": "reencrypt", "rotation_id": "other", "dry_run": True})["active_region"] == THERE


def test_one_damaged_asset_fails_and_no_other(world):
    world.services().objects.put(layout.media_file(*world.assets[1], 1, SEGMENTS[0]), b"x" * 33)
    identity = world.rotate(mode="reencrypt")
    status = world.rotations().status(identity)
    assert (status["phase"], status["done"], status["failed"]) == ("incomplete", 3, 1)
    assert status["failures"][0]["item"] == "tenant-0/film-1"
    with pytest.raises(ConflictError, match="incomplete"):
        world.rotations().finalize(identity)
    services = world.services()
    assert play(services.objects, services.tenants, *world.assets[0]) == 2


def test_rolled_back_and_rotated_again(world):
    identity = world.rotate(mode="reencrypt")
    world.rotations().roll_back(identity)
    world.work()
    assert world.rotations().status(identity)["phase"] == "rolled-back"
    assert world.play_all() == {1}
    before = world.puts()
    world.rotations().roll_back(identity)
    assert world.puts() == before
    world.rotations().start(identity)
    world.work()
    assert world.play_all() == {2}
    assert world.rotations().status(identity)["phase"] == "rotated"


def _keys(world: World, version: int) -> dict:
    services = world.services()
    found = {}
    for item in world.assets:
        document, _etag = services.assets.key(*item, version)
        found[item] = (services.content_keys.open(item[0], document), document.iv)
    return found


@pytest.mark.parametrize(("rolled_back", "gone", "left"), [(False, 1, 2), (True, 2, 1)])
def test_once_finalized_nothing_opens_with_the_other_key(world, rolled_back, gone, left):
    identity = world.rotate(mode="reencrypt")
    keys = _keys(world, gone)
    if rolled_back:
        world.rotations().roll_back(identity)
        world.work()
    assert [status["phase"] for status in world.finalize(identity)] == ["finalized", "finalized"]
    for region in (HERE, THERE):
        assert world.play_all(region) == {left}
        for name, versions in world.s3[region].objects.items():
            assert f"/v{gone}/" not in name, (region, name)
            for (key, iv), item in ((keys[item], item) for item in world.assets if name.startswith("media/")):
                for version in versions:
                    if name.endswith(".ts") and version.body:
                        clear = openssl_cbc(version.body, key, iv, decrypt=True)
                        assert not clear or clear[:1] != b"\x47" or clear[188:189] != b"\x47", (region, name, item)
    before = world.puts()
    assert [status["phase"] for status in world.finalize(identity)] == ["finalized", "finalized"]
    assert world.puts() == before
    with pytest.raises(ConflictError, match="finalized"):
        world.rotations().roll_back(identity)


def test_old_versions_stay_as_long_as_tokens_live(world):
    world.retain_old_s = 3600
    identity = world.rotate(mode="reencrypt")
    with pytest.raises(ConflictError, match="can be finalized from"):
        world.rotations().finalize(identity)
    services = world.services()
    pointer, _etag = services.assets.pointer(*world.assets[0])
    old, _etag = services.assets.key(*world.assets[0], 1)
    assert pointer.number_of(old.kid) == 1
    assert services.content_keys.open(world.assets[0][0], old)


def test_the_other_region_follows_the_active_one(world):
    identity = world.rotate(mode="reencrypt")
    world.s3[HERE].replicate_to(world.s3[THERE])
    with pytest.raises(ConflictError, match="active region"):
        world.rotations(THERE).finalize(identity)


def test_a_killed_removal_goes_on(world):
    identity = world.rotate(mode="reencrypt")
    removed = [0]

    def die(operation, _key):
        if operation == "delete_objects":
            removed[0] += 1
            if removed[0] in (2, 5):
                raise Killed

    world.s3[HERE].fault = die
    world.rotations().finalize(identity)
    for _ in range(3):
        _run_until_killed(world)
    assert removed[0] > 5
    assert world.rotations().status(identity)["phase"] == "finalized"
    assert not [name for name in world.s3[HERE].objects if "/v1/" in name]


def test_verification_is_done_once(world):
    identity = world.rotate(mode="reencrypt")
    world.rotations().verify(identity, "all")
    world.work()
    found = world.rotations().status(identity)["verification"]
    assert (found["level"], found["checked"], found["failed"]) == ("all", 4, 0)
    before = world.puts()
    assert world.rotations().verify(identity, "sample")["verification"] == found
    assert world.puts() == before


def test_verification_finds_what_does_not_open(world):
    identity = world.rotate(mode="reencrypt")
    name = layout.media_file(*world.assets[0], 2, SEGMENTS[0])
    ObjectStore(world.s3[HERE], "b").put(name, world.s3[HERE].content(name.replace("/v2/", "/v1/")))
    world.rotations().verify(identity, "all")
    world.work()
    status = world.rotations().status(identity)
    assert (status["phase"], status["verification"]["failed"]) == ("rotated", 1)
    assert [item["item"] for item in status["failures"]] == ["tenant-0/film-0"]


def test_a_plan_is_surveyed_once_for_a_dry_run_and_the_run_after_it(world):
    rotations = world.rotations()
    rotations.plan({"mode": "reencrypt", "dry_run": True})
    reads = world.s3[HERE].calls["get_object"]
    rotations.plan({"mode": "reencrypt"})
    assert world.s3[HERE].calls["get_object"] - reads <= 2
