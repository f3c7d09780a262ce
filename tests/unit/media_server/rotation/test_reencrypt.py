# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Re-encryption: every asset plays at any time, decrypted by openssl, wherever and however often a worker dies."""

from __future__ import annotations

import pytest
from media_server.errors import ConflictError, UnavailableError
from media_server.rotation import run_shard
from media_server.store import layout
from media_server.store.objects import ObjectStore

from tests.support.media_content import SEGMENTS, openssl_cbc, play
from tests.unit.media_server.rotation.conftest import HERE, THERE, TwoRegions


class Killed(BaseException):
    """Raised like a SIGKILL: nothing catches it."""


def test_all_play_with_new_keys_and_the_same_sizes(regions):
    sizes = {item: len(regions.s3[HERE].content(layout.media_file(*item, 1, SEGMENTS[0]))) for item in regions.assets}
    identity = regions.rotate(mode="reencrypt")
    status = regions.rotations().status(identity)
    assert (status["phase"], status["done"], status["failed"]) == ("rotated", 4, 0)
    assert regions.play_all() == {2}
    for item in regions.assets:
        assert len(regions.s3[HERE].content(layout.media_file(*item, 2, SEGMENTS[0]))) == sizes[item]
    kids = {regions.services().assets.key(*item, version)[0].kid for item in regions.assets for version in (1, 2)}
    assert len(kids) == 8
    regions.s3[HERE].replicate_to(regions.s3[THERE])
    assert regions.play_all(THERE) == {2}


def test_a_rerun_writes_nothing(regions):
    params = {"mode": "reencrypt", "concurrency": 2}
    identity = regions.rotate(**params)
    before = regions.puts()
    rotations = regions.rotations()
    assert rotations.plan(params)["rotation_id"] == identity
    assert rotations.start(identity)["phase"] == "rotated"
    assert regions.queues[HERE] == []
    for shard in range(5):
        run_shard(regions.services(), identity, shard)
    assert regions.puts() == before


def test_a_plan_and_its_status_write_nothing_when_dry(regions):
    plan = regions.rotations().plan({"mode": "reencrypt", "dry_run": True})
    assert plan["plan"]["assets"] == 4
    assert plan["plan"]["objects"] == 4 * 6
    assert plan["plan"]["kms_calls"] == 2
    assert plan["plan"]["bytes"] > 4 * 2 * 12 * 188
    assert plan["phase"] == "planned"
    assert regions.puts() == 0


def _die_at(regions: TwoRegions, number: int, when: str) -> None:
    """Die before or after the write with a given number."""
    s3, count = regions.s3[HERE], [0]
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


def _run_until_killed(regions: TwoRegions) -> bool:
    try:
        services = regions.services()
        while regions.queues[HERE]:
            job = regions.queues[HERE][0]
            run_shard(services, job["rotation"], job["shard"])
            regions.queues[HERE].pop(0)
    except Killed:
        return True
    return False


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_that_dies_at_any_write_loses_nothing(when):
    number, killed = 0, True
    while killed:
        number += 1
        regions = TwoRegions(tenants=1, each=2)
        rotations = regions.rotations()
        identity = rotations.plan({"mode": "reencrypt", "concurrency": 1})["rotation_id"]
        rotations.start(identity)
        _die_at(regions, number, when)
        killed = _run_until_killed(regions)
        regions.play_all()
        del regions.s3[HERE].put_object
        regions.work()
        assert regions.rotations().status(identity)["phase"] == "rotated", number
        assert regions.play_all() == {2}, number
        assert not regions.s3[HERE].names("media/tenant-0/film-0/v3/"), number
    assert number > 10


def test_a_planner_that_dies_at_any_write_loses_nothing():
    for number in range(1, 12):
        regions = TwoRegions(tenants=1, each=2)
        _die_at(regions, number, "after")
        try:
            regions.rotate(mode="reencrypt")
        except Killed:
            del regions.s3[HERE].put_object
        identity = regions.rotate(mode="reencrypt")
        assert regions.rotations().status(identity)["phase"] == "rotated"
        assert regions.play_all() == {2}


def test_two_workers_on_one_shard_make_one_version(regions):
    rotations = regions.rotations()
    identity = rotations.plan({"mode": "reencrypt", "concurrency": 1})["rotation_id"]
    rotations.start(identity)
    first, second, raced = regions.services(), regions.services(), [False]

    def race(operation, key):
        # While the first is working, the second runs the whole shard.
        if operation == "put_object" and key.endswith(SEGMENTS[1]) and not raced[0]:
            raced[0] = True
            run_shard(second, identity, 0)

    regions.s3[HERE].fault = race
    run_shard(first, identity, 0)
    regions.work()
    assert raced[0]
    assert regions.play_all() == {2}
    assert regions.rotations().status(identity)["phase"] == "rotated"


def test_the_pointer_waits_for_the_replication(regions):
    regions.s3[HERE].replicated = lambda key: "PENDING" if key.endswith(SEGMENTS[1]) else "COMPLETED"
    identity = regions.rotate(mode="reencrypt")
    status = regions.rotations().status(identity)
    assert (status["phase"], status["failed"], status["done"]) == ("incomplete", 4, 0)
    assert SEGMENTS[1] in status["failures"][0]["message"]
    assert regions.play_all() == {1}
    regions.s3[HERE].replicated = lambda _key: "COMPLETED"
    regions.rotations().start(identity)
    regions.work()
    assert regions.rotations().status(identity)["phase"] == "rotated"
    assert regions.play_all() == {2}


def test_nothing_is_done_in_a_region_that_is_not_active(regions):
    rotations = regions.rotations()
    identity = rotations.plan({"mode": "reencrypt"})["rotation_id"]
    rotations.start(identity)
    regions.record.active = THERE
    before = regions.puts()
    regions.work()
    assert regions.puts() == before
    for call in (rotations.start, rotations.roll_back, rotations.verify):
        with pytest.raises(UnavailableError, match="not the active region"):
            call(identity)
    with pytest.raises(UnavailableError):
        rotations.plan({"mode": "reencrypt", "rotation_id": "other"})
    assert rotations.plan({"mode": "reencrypt", "rotation_id": "other", "dry_run": True})["active_region"] == THERE


def test_one_damaged_asset_fails_and_no_other(regions):
    regions.services().objects.put(layout.media_file(*regions.assets[1], 1, SEGMENTS[0]), b"x" * 33)
    identity = regions.rotate(mode="reencrypt")
    status = regions.rotations().status(identity)
    assert (status["phase"], status["done"], status["failed"]) == ("incomplete", 3, 1)
    assert status["failures"][0]["item"] == "tenant-0/film-1"
    with pytest.raises(ConflictError, match="incomplete"):
        regions.rotations().finalize(identity)
    services = regions.services()
    assert play(services.objects, services.tenants, *regions.assets[0]) == 2


def test_rolled_back_and_rotated_again(regions):
    identity = regions.rotate(mode="reencrypt")
    regions.rotations().roll_back(identity)
    regions.work()
    assert regions.rotations().status(identity)["phase"] == "rolled-back"
    assert regions.play_all() == {1}
    before = regions.puts()
    regions.rotations().roll_back(identity)
    assert regions.puts() == before
    regions.rotations().start(identity)
    regions.work()
    assert regions.play_all() == {2}
    assert regions.rotations().status(identity)["phase"] == "rotated"


def _keys(regions: TwoRegions, version: int) -> dict:
    services = regions.services()
    found = {}
    for item in regions.assets:
        document, _etag = services.assets.key(*item, version)
        found[item] = (services.content_keys.open(item[0], document), document.iv)
    return found


@pytest.mark.parametrize(("rolled_back", "gone", "left"), [(False, 1, 2), (True, 2, 1)])
def test_once_finalized_nothing_opens_with_the_other_key(regions, rolled_back, gone, left):
    identity = regions.rotate(mode="reencrypt")
    keys = _keys(regions, gone)
    if rolled_back:
        regions.rotations().roll_back(identity)
        regions.work()
    assert [status["phase"] for status in regions.finalize(identity)] == ["finalized", "finalized"]
    for region in (HERE, THERE):
        assert regions.play_all(region) == {left}
        for name, versions in regions.s3[region].objects.items():
            assert f"/v{gone}/" not in name, (region, name)
            for (key, iv), item in ((keys[item], item) for item in regions.assets if name.startswith("media/")):
                for version in versions:
                    if name.endswith(".ts") and version.body:
                        clear = openssl_cbc(version.body, key, iv, decrypt=True)
                        assert not clear or clear[:1] != b"\x47" or clear[188:189] != b"\x47", (region, name, item)
    before = regions.puts()
    assert [status["phase"] for status in regions.finalize(identity)] == ["finalized", "finalized"]
    assert regions.puts() == before
    with pytest.raises(ConflictError, match="finalized"):
        regions.rotations().roll_back(identity)


def test_old_versions_stay_as_long_as_tokens_live(regions):
    regions.retain_old_s = 3600
    identity = regions.rotate(mode="reencrypt")
    with pytest.raises(ConflictError, match="can be finalized from"):
        regions.rotations().finalize(identity)
    services = regions.services()
    pointer, _etag = services.assets.pointer(*regions.assets[0])
    old, _etag = services.assets.key(*regions.assets[0], 1)
    assert pointer.number_of(old.kid) == 1
    assert services.content_keys.open(regions.assets[0][0], old)


def test_the_other_region_follows_the_active_one(regions):
    identity = regions.rotate(mode="reencrypt")
    regions.s3[HERE].replicate_to(regions.s3[THERE])
    with pytest.raises(ConflictError, match="active region"):
        regions.rotations(THERE).finalize(identity)


def test_a_killed_removal_goes_on(regions):
    identity = regions.rotate(mode="reencrypt")
    removed = [0]

    def die(operation, _key):
        if operation == "delete_objects":
            removed[0] += 1
            if removed[0] in (2, 5):
                raise Killed

    regions.s3[HERE].fault = die
    regions.rotations().finalize(identity)
    for _ in range(3):
        _run_until_killed(regions)
    assert removed[0] > 5
    assert regions.rotations().status(identity)["phase"] == "finalized"
    assert not [name for name in regions.s3[HERE].objects if "/v1/" in name]


def test_verification_is_done_once(regions):
    identity = regions.rotate(mode="reencrypt")
    regions.rotations().verify(identity, "all")
    regions.work()
    found = regions.rotations().status(identity)["verification"]
    assert (found["level"], found["checked"], found["failed"]) == ("all", 4, 0)
    before = regions.puts()
    assert regions.rotations().verify(identity, "sample")["verification"] == found
    assert regions.puts() == before


def test_verification_finds_what_does_not_open(regions):
    identity = regions.rotate(mode="reencrypt")
    name = layout.media_file(*regions.assets[0], 2, SEGMENTS[0])
    ObjectStore(regions.s3[HERE], "b").put(name, regions.s3[HERE].content(name.replace("/v2/", "/v1/")))
    regions.rotations().verify(identity, "all")
    regions.work()
    status = regions.rotations().status(identity)
    assert (status["phase"], status["verification"]["failed"]) == ("rotated", 1)
    assert [item["item"] for item in status["failures"]] == ["tenant-0/film-0"]


def test_a_plan_is_surveyed_once_for_a_dry_run_and_the_run_after_it(regions):
    rotations = regions.rotations()
    rotations.plan({"mode": "reencrypt", "dry_run": True})
    reads = regions.s3[HERE].calls["get_object"]
    rotations.plan({"mode": "reencrypt"})
    assert regions.s3[HERE].calls["get_object"] - reads <= 2
