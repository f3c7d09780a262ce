# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The cost of a plan: of many assets a list and a sample, of few one read each."""

from __future__ import annotations

import pytest
from media_server.rotation import survey as surveys
from media_server.rotation.model import Item
from media_server.rotation.verify import SAMPLE, sampled

from tests.unit.media_server.rotation.conftest import HERE, TwoRegions

TENANTS, EACH, LOOKED_AT = 3, 10, 5


@pytest.fixture
def many(monkeypatch) -> TwoRegions:
    """Create more assets than are read one by one."""
    monkeypatch.setattr(surveys, "LOOKED_AT", LOOKED_AT)
    return TwoRegions(tenants=TENANTS, each=EACH)


def plan(regions: TwoRegions, **params) -> dict:
    regions.s3[HERE].calls.clear()
    return regions.rotations().plan({"mode": "reencrypt", "dry_run": True, **params})["plan"]


def test_many_assets_take_a_list_and_a_sample(many):
    told = plan(many)
    # The reads of the sample, one key document per tenant, and the plan that doesn't exist.
    assert many.s3[HERE].calls["get_object"] == LOOKED_AT + TENANTS + 1
    assert many.s3[HERE].calls["list_objects_v2"] == TENANTS + 2
    assert (told["assets"], told["estimated"]) == (TENANTS * EACH, True)


def test_the_estimate_is_the_samples_average(many, monkeypatch):
    told = plan(many)
    monkeypatch.setattr(surveys, "LOOKED_AT", 1000)
    exact = plan(many)
    assert exact["estimated"] is False
    assert many.s3[HERE].calls["get_object"] == TENANTS * EACH + TENANTS + 1
    assert (told["assets"], told["objects"]) == (exact["assets"], exact["objects"])
    # The assets differ in the lengths of their names only.
    assert told["bytes"] == pytest.approx(exact["bytes"], rel=0.01)


def test_the_age_of_keys_is_read_one_by_one(many):
    assert plan(many, scope={"older_than": "2001-01-01"})["assets"] == 0
    assert plan(many, scope={"older_than": "2101-01-01"})["assets"] == TENANTS * EACH


@pytest.mark.parametrize(("mode", "version"), [("reencrypt", 2), ("rewrap", 1)])
def test_an_estimated_rotation_rotates_all_and_skips_assets_in_progress(many, mode, version):
    services = many.services()
    services.assets.create_key("tenant-0", "begun", 1, services.content_keys.create("tenant-0", "cbcs"))
    identity = many.rotate(mode=mode)
    told = many.rotations().status(identity)
    assert (told["phase"], told["failed"]) == ("rotated", 0)
    assert told["done"] + told["skipped"] == TENANTS * EACH + 1
    assert many.play_all() == {version}


def test_two_planners_make_the_same_plan(many):
    first, second = many.rotations(), many.rotations()
    params = {"mode": "reencrypt", "rotation_id": "r"}
    assert first.plan(params)["plan"] == second.plan(params)["plan"]


@pytest.mark.parametrize("count", [1, 2 * SAMPLE - 1, 10_000])
def test_a_sample_has_about_its_size_however_it_is_cut(count):
    items = [Item(f"tenant-{number % 7}", f"film-{number}", 1, 1) for number in range(count)]
    whole = sampled(items, count)
    assert min(count, SAMPLE) * 0.5 <= len(whole) <= 2 * SAMPLE
    assert whole == [item for start in range(0, count, 20) for item in sampled(items[start : start + 20], count)]
