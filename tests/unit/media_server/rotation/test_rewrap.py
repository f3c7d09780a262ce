# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""New KMS keys and new tenant keys: content stays as it is, and nothing opens with the old ones once it is finalized."""

from __future__ import annotations

import base64
import json
import random
import time

import pytest
from media_server.errors import BadInputError, ConflictError, NotFoundError
from media_server.keys.documents import TenantKeyDocument
from media_server.keys.wrapping import WrongKeyError, unwrap
from media_server.store import layout

from tests.support.media_content import make_asset
from tests.support.media_fakes import refused
from tests.unit.media_server.rotation.conftest import HERE, THERE, World


def _media(world: World) -> dict[str, bytes]:
    s3 = world.s3[HERE]
    return {name: s3.content(name) for name in s3.names("media/") if not name.endswith("key.json")}


def _count_kms(world: World) -> list[str]:
    calls: list[str] = []
    world.kms[HERE].fault = calls.append
    return calls


def test_a_new_kms_key_takes_a_call_a_tenant_and_touches_no_content(world):
    before = _media(world)
    calls = _count_kms(world)
    identity = world.rotate(mode="rewrap", target_kms_key=world.new)
    assert calls.count("ReEncrypt") == 2
    assert len(calls) == 3
    status = world.rotations().status(identity)
    assert (status["phase"], status["done"], status["plan"]["kms_calls"]) == ("rotated", 4, 2)
    assert _media(world) == before
    world.s3[HERE].replicate_to(world.s3[THERE])
    assert world.play_all() == world.play_all(THERE) == {1}


def test_the_old_kms_key_opens_nothing_once_finalized_and_disabled(world):
    identity = world.rotate(mode="rewrap", target_kms_key=world.new)
    assert [status["phase"] for status in world.finalize(identity)] == ["finalized", "finalized"]
    for region in (HERE, THERE):
        world.kms[region].disabled.add("mrk-old")
        assert world.play_all(region) == {1}
        for name, versions in world.s3[region].objects.items():
            for version in versions if name.startswith("keys/") else []:
                document = TenantKeyDocument.from_json(name, json.loads(version.body))
                assert document.previous is None
                assert [item.kms_key_arn for item in document.versions.values()] == [world.new]
                assert b"mrk-old" not in version.body


def test_a_rewrap_is_rolled_back_without_kms(world):
    identity = world.rotate(mode="rewrap", target_kms_key=world.new)
    calls = _count_kms(world)
    world.rotations().roll_back(identity)
    world.work()
    assert calls == []
    world.kms[HERE].disabled.add("mrk-new")
    assert world.play_all() == {1}
    world.kms[HERE].disabled.clear()
    assert [status["phase"] for status in world.finalize(identity)] == ["finalized", "finalized"]
    assert all(b"mrk-new" not in item.body for item in world.s3[THERE].objects["keys/tenant-0.json"])


def test_a_rerun_of_each_kind_writes_nothing(world):
    for params in ({"mode": "rewrap", "target_kms_key": world.new}, {"mode": "rewrap"}):
        identity = world.rotate(**params)
        before, calls = world.puts(), _count_kms(world)
        assert world.rotate(**params) == identity
        assert world.puts() == before
        assert calls == []


def test_a_second_rewrap_waits_until_the_first_is_settled(world):
    world.rotate(mode="rewrap", target_kms_key=world.new)
    other = world.kms[HERE].new_key("other")
    with pytest.raises(ConflictError, match="neither finalized nor rolled back"):
        world.rotate(mode="rewrap", target_kms_key=other)


def test_a_key_that_cannot_be_used_is_refused_before_anything_is_written(world):
    world.kms[HERE].keys["single"] = bytes(32)
    with pytest.raises(BadInputError, match="not a multi-Region key"):
        world.rotate(mode="rewrap", target_kms_key=world.kms[HERE].arn("single"))
    world.kms[HERE].disabled.add("mrk-new")
    with pytest.raises(ConflictError, match="Disabled"):
        world.rotate(mode="rewrap", target_kms_key=world.new)
    with pytest.raises(ConflictError, match="NotFound"):
        world.rotate(mode="rewrap", target_kms_key="alias/none")
    assert world.puts() == 0


def test_new_tenant_keys_wrap_the_content_keys_anew(world):
    before, calls = _media(world), _count_kms(world)
    old = {tenant: world.services().tenants.of_version(tenant, 1) for tenant in ("tenant-0", "tenant-1")}
    calls.clear()
    identity = world.rotate(mode="rewrap")
    assert calls.count("GenerateDataKey") == 2
    assert len(calls) <= 2 * 2 * 2
    assert world.rotations().status(identity)["done"] == 4
    assert _media(world) == before
    assert world.play_all() == {1}
    assert [status["phase"] for status in world.finalize(identity)] == ["finalized", "finalized"]
    for region in (HERE, THERE):
        assert world.play_all(region) == {1}
        for name, versions in world.s3[region].objects.items():
            for version in versions:
                if name.endswith("key.json"):
                    document = json.loads(version.body)
                    assert document["tenant_key_version"] == 2
                    with pytest.raises(WrongKeyError):
                        unwrap(old[name.split("/")[1]], base64.b64decode(document["wrapped_key"]))
                elif name.startswith("keys/"):
                    assert list(json.loads(version.body)["versions"]) == ["2"]


def test_new_tenant_keys_are_rolled_back(world):
    identity = world.rotate(mode="rewrap")
    world.rotations().roll_back(identity)
    world.work()
    services = world.services()
    assert services.tenants.current("tenant-0").version == 1
    assert {services.assets.key(*item, 1)[0].tenant_key_version for item in world.assets} == {1}
    assert world.play_all() == {1}
    world.rotations().start(identity)
    world.work()
    services = world.services()
    assert services.tenants.current("tenant-0").version == 2
    assert {services.assets.key(*item, 1)[0].tenant_key_version for item in world.assets} == {2}


def test_what_was_packaged_under_the_old_key_meanwhile_is_taken_along(world):
    late = world.services()
    late.tenants.current("tenant-0")
    identity = world.rotate(mode="rewrap")
    make_asset(late.objects, late.tenants, "tenant-0", "late")
    assert late.assets.key("tenant-0", "late", 1)[0].tenant_key_version == 1
    world.assets.append(("tenant-0", "late"))
    assert [status["phase"] for status in world.finalize(identity)] == ["finalized", "finalized"]
    assert world.play_all() == world.play_all(THERE) == {1}
    assert list(world.services().tenants.document("tenant-0")[0].versions) == [2]


def test_a_key_that_others_still_need_stays(world):
    identity = world.rotate(mode="rewrap", scope={"tenant": "tenant-0", "asset": "film-0"})
    assert [status["phase"] for status in world.finalize(identity)] == ["finalized", "finalized"]
    assert sorted(world.services().tenants.document("tenant-0")[0].versions) == [1, 2]
    assert world.play_all() == world.play_all(THERE) == {1}


def test_all_three_after_each_other_and_finalized_in_another_order(world):
    first = world.rotate(mode="reencrypt")
    second = world.rotate(mode="rewrap")
    third = world.rotate(mode="rewrap", target_kms_key=world.new)
    assert world.play_all() == {2}
    for identity in (third, first, second):
        assert [status["phase"] for status in world.finalize(identity)] == ["finalized", "finalized"], identity
    for region in (HERE, THERE):
        world.kms[region].disabled.add("mrk-old")
        assert world.play_all(region) == {2}


def test_throttling_and_busy_answers_do_not_disturb(world):
    draw = random.Random(1)

    def busy(operation, *_key):
        if draw.random() < 0.1:
            raise refused("SlowDown" if operation[0].islower() else "ThrottlingException", 503, operation)

    world.s3[HERE].fault = busy
    world.kms[HERE].fault = busy
    first, second = world.rotate(mode="reencrypt"), world.rotate(mode="rewrap", target_kms_key=world.new)
    world.s3[HERE].fault = lambda *_given: None
    assert [world.rotations().status(item)["phase"] for item in (first, second)] == ["rotated", "rotated"]
    assert world.play_all() == {2}


def test_the_kms_rate_holds_over_all_lanes(world):
    services = world.services()
    kms = services.tenants.kms
    with kms.limited(50):
        started = time.monotonic()
        for _ in range(6):
            kms.resolve(world.old)
        assert time.monotonic() - started >= 5 / 50
    started = time.monotonic()
    kms.resolve(world.old)
    assert time.monotonic() - started < 0.05


def test_scopes(world):
    plan = world.rotations().plan
    dry = {"mode": "reencrypt", "dry_run": True}
    assert plan({**dry, "scope": {"tenant": "tenant-1"}})["plan"]["assets"] == 2
    assert plan({**dry, "scope": {"tenant": "tenant-1", "asset": "film-0"}})["plan"]["assets"] == 1
    assert plan({**dry, "scope": {"older_than": "2001-01-01"}})["plan"]["assets"] == 0
    assert plan({**dry, "scope": {"older_than": "2101-01-01"}})["plan"]["assets"] == 4
    assert plan({**dry, "scope": {"kms_key_arn": world.old}})["plan"]["assets"] == 4
    assert plan({**dry, "scope": {"kms_key_arn": world.new}})["plan"]["assets"] == 0
    for scope in ({"tenant": "none"}, {"tenant": "tenant-0", "asset": "none"}):
        with pytest.raises(NotFoundError):
            plan({**dry, "scope": scope})
    cut = plan({**dry, "max_assets": 3})
    assert (cut["plan"]["assets"], cut["resume_marker"]) == (3, "tenant-1/film-0")
    rest = plan({**dry, "scope": {"after": cut["resume_marker"]}})
    assert (rest["plan"]["assets"], rest["resume_marker"]) == (1, None)
    assert layout.rotation_plan("x") == "rotations/x/plan.json"
