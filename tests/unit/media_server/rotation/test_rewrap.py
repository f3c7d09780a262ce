# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""New KMS keys and tenant keys: media don't change, and the old keys open nothing after finalization."""

from __future__ import annotations

import base64
import json
import random
import time

import pytest
from media_server.errors import BadInputError, ConflictError, NotFoundError
from media_server.keys.documents import TenantKeyDocument
from media_server.keys.wrapping import WrongKeyError, unwrap
from media_server.sources.kept import KeptSources
from media_server.store import layout

from tests.support.media_content import make_asset
from tests.support.media_fakes import refused
from tests.unit.media_server.rotation.conftest import HERE, THERE, TwoRegions


def _media(regions: TwoRegions) -> dict[str, bytes]:
    s3 = regions.s3[HERE]
    return {name: s3.content(name) for name in s3.names("media/") if not name.endswith("key.json")}


def _count_kms(regions: TwoRegions) -> list[str]:
    calls: list[str] = []
    regions.kms[HERE].fault = calls.append
    return calls


def test_a_new_kms_key_takes_one_call_per_tenant_and_changes_no_media(regions):
    before = _media(regions)
    calls = _count_kms(regions)
    identity = regions.rotate(mode="rewrap", target_kms_key=regions.new)
    assert calls.count("ReEncrypt") == 2
    assert len(calls) == 3
    status = regions.rotations().status(identity)
    assert (status["phase"], status["done"], status["plan"]["kms_calls"]) == ("rotated", 4, 2)
    assert _media(regions) == before
    regions.s3[HERE].replicate_to(regions.s3[THERE])
    assert regions.play_all() == regions.play_all(THERE) == {1}


def test_the_old_kms_key_opens_nothing_once_finalized_and_disabled(regions):
    identity = regions.rotate(mode="rewrap", target_kms_key=regions.new)
    assert [status["phase"] for status in regions.finalize(identity)] == ["finalized", "finalized"]
    for region in (HERE, THERE):
        regions.kms[region].disabled.add("mrk-old")
        assert regions.play_all(region) == {1}
        for name, versions in regions.s3[region].objects.items():
            for version in versions if name.startswith("keys/") else []:
                document = TenantKeyDocument.from_json(name, json.loads(version.body))
                assert document.previous is None
                assert [item.kms_key_arn for item in document.versions.values()] == [regions.new]
                assert b"mrk-old" not in version.body


def test_a_rewrap_is_rolled_back_without_kms(regions):
    identity = regions.rotate(mode="rewrap", target_kms_key=regions.new)
    calls = _count_kms(regions)
    regions.rotations().roll_back(identity)
    regions.work()
    assert calls == []
    regions.kms[HERE].disabled.add("mrk-new")
    assert regions.play_all() == {1}
    regions.kms[HERE].disabled.clear()
    assert [status["phase"] for status in regions.finalize(identity)] == ["finalized", "finalized"]
    assert all(b"mrk-new" not in item.body for item in regions.s3[THERE].objects["keys/tenant-0.json"])


def test_a_rerun_of_each_kind_writes_nothing(regions):
    for params in ({"mode": "rewrap", "target_kms_key": regions.new}, {"mode": "rewrap"}):
        identity = regions.rotate(**params)
        before, calls = regions.puts(), _count_kms(regions)
        assert regions.rotate(**params) == identity
        assert regions.puts() == before
        assert calls == []


def test_a_second_rewrap_requires_the_first_to_be_finalized_or_rolled_back(regions):
    regions.rotate(mode="rewrap", target_kms_key=regions.new)
    other = regions.kms[HERE].new_key("other")
    with pytest.raises(ConflictError, match="neither finalized nor rolled back"):
        regions.rotate(mode="rewrap", target_kms_key=other)


def test_a_key_that_cannot_be_used_is_refused_before_anything_is_written(regions):
    regions.kms[HERE].keys["single"] = bytes(32)
    with pytest.raises(BadInputError, match="not a multi-Region key"):
        regions.rotate(mode="rewrap", target_kms_key=regions.kms[HERE].arn("single"))
    regions.kms[HERE].disabled.add("mrk-new")
    with pytest.raises(ConflictError, match="Disabled"):
        regions.rotate(mode="rewrap", target_kms_key=regions.new)
    with pytest.raises(ConflictError, match="NotFound"):
        regions.rotate(mode="rewrap", target_kms_key="alias/none")
    assert regions.puts() == 0


def test_new_tenant_keys_rewrap_the_content_keys(regions):
    before, calls = _media(regions), _count_kms(regions)
    old = {tenant: regions.services().tenants.of_version(tenant, 1) for tenant in ("tenant-0", "tenant-1")}
    calls.clear()
    identity = regions.rotate(mode="rewrap")
    assert calls.count("GenerateDataKey") == 2
    assert len(calls) <= 2 * 2 * 2
    assert regions.rotations().status(identity)["done"] == 4
    assert _media(regions) == before
    assert regions.play_all() == {1}
    assert [status["phase"] for status in regions.finalize(identity)] == ["finalized", "finalized"]
    for region in (HERE, THERE):
        assert regions.play_all(region) == {1}
        for name, versions in regions.s3[region].objects.items():
            for version in versions:
                if name.endswith("key.json"):
                    document = json.loads(version.body)
                    assert document["tenant_key_version"] == 2
                    with pytest.raises(WrongKeyError):
                        unwrap(old[name.split("/")[1]], base64.b64decode(document["wrapped_key"]))
                elif name.startswith("keys/"):
                    assert list(json.loads(version.body)["versions"]) == ["2"]


def _keep_source(regions: TwoRegions, tenant: str, asset: str) -> str:
    services = regions.services()
    services.objects.put(layout.upload(tenant, asset), b"the source")
    sources = KeptSources(services.assets, services.tenants)
    uploads = sources.uploads(tenant, asset)
    source = sources.keep(tenant, asset, uploads, lambda: None)
    sources.discard_uploads(tenant, asset, uploads)
    assert source is not None
    return source


def _read_source(regions: TwoRegions, region: str, name: tuple[str, str, str], folder) -> bytes:
    services = regions.services(region)
    KeptSources(services.assets, services.tenants).read(*name, folder / "source")
    return (folder / "source").read_bytes()


def test_kept_sources_open_with_the_new_tenant_keys_only(regions, tmp_path):
    # One of a ready asset, and one of an asset that failed.
    names = [("tenant-0", asset, _keep_source(regions, "tenant-0", asset)) for asset in ("film-0", "failed")]
    old = regions.services().tenants.of_version("tenant-0", 1)
    identity = regions.rotate(mode="rewrap")
    assert {_read_source(regions, HERE, name, tmp_path) for name in names} == {b"the source"}
    assert [status["phase"] for status in regions.finalize(identity)] == ["finalized", "finalized"]
    assert list(regions.services().tenants.document("tenant-0")[0].versions) == [2]
    for region in (HERE, THERE):
        for name in names:
            assert _read_source(regions, region, name, tmp_path) == b"the source"
            for version in regions.s3[region].objects[layout.key_document(*name)]:
                with pytest.raises(WrongKeyError):
                    unwrap(old, base64.b64decode(json.loads(version.body)["wrapped_key"]))


def test_a_tenant_key_that_a_source_outside_the_scope_needs_stays(regions, tmp_path):
    name = ("tenant-0", "failed", _keep_source(regions, "tenant-0", "failed"))
    for asset in ("film-0", "film-1"):
        identity = regions.rotate(mode="rewrap", scope={"tenant": "tenant-0", "asset": asset})
        assert [status["phase"] for status in regions.finalize(identity)] == ["finalized", "finalized"]
    assert 1 in regions.services().tenants.document("tenant-0")[0].versions
    assert _read_source(regions, HERE, name, tmp_path) == b"the source"


def test_kept_sources_open_after_a_change_of_the_kms_key_and_of_the_content_keys(regions, tmp_path):
    name = ("tenant-0", "film-0", _keep_source(regions, "tenant-0", "film-0"))
    for params in ({"mode": "reencrypt"}, {"mode": "rewrap", "target_kms_key": regions.new}):
        identity = regions.rotate(**params)
        assert [status["phase"] for status in regions.finalize(identity)] == ["finalized", "finalized"]
    for region in (HERE, THERE):
        regions.kms[region].disabled.add("mrk-old")
        assert _read_source(regions, region, name, tmp_path) == b"the source"


def test_new_tenant_keys_are_rolled_back(regions):
    identity = regions.rotate(mode="rewrap")
    regions.rotations().roll_back(identity)
    regions.work()
    services = regions.services()
    assert services.tenants.current("tenant-0").version == 1
    assert {services.assets.key(*item, 1)[0].tenant_key_version for item in regions.assets} == {1}
    assert regions.play_all() == {1}
    regions.rotations().start(identity)
    regions.work()
    services = regions.services()
    assert services.tenants.current("tenant-0").version == 2
    assert {services.assets.key(*item, 1)[0].tenant_key_version for item in regions.assets} == {2}


def test_assets_packaged_meanwhile_under_the_old_key_are_included(regions):
    late = regions.services()
    late.tenants.current("tenant-0")
    identity = regions.rotate(mode="rewrap")
    make_asset(late.objects, late.tenants, "tenant-0", "late")
    assert late.assets.key("tenant-0", "late", 1)[0].tenant_key_version == 1
    regions.assets.append(("tenant-0", "late"))
    assert [status["phase"] for status in regions.finalize(identity)] == ["finalized", "finalized"]
    assert regions.play_all() == regions.play_all(THERE) == {1}
    assert list(regions.services().tenants.document("tenant-0")[0].versions) == [2]


def test_a_key_that_others_still_need_stays(regions):
    identity = regions.rotate(mode="rewrap", scope={"tenant": "tenant-0", "asset": "film-0"})
    assert [status["phase"] for status in regions.finalize(identity)] == ["finalized", "finalized"]
    assert sorted(regions.services().tenants.document("tenant-0")[0].versions) == [1, 2]
    assert regions.play_all() == regions.play_all(THERE) == {1}


def test_all_three_after_each_other_and_finalized_in_another_order(regions):
    first = regions.rotate(mode="reencrypt")
    second = regions.rotate(mode="rewrap")
    third = regions.rotate(mode="rewrap", target_kms_key=regions.new)
    assert regions.play_all() == {2}
    for identity in (third, first, second):
        assert [status["phase"] for status in regions.finalize(identity)] == ["finalized", "finalized"], identity
    for region in (HERE, THERE):
        regions.kms[region].disabled.add("mrk-old")
        assert regions.play_all(region) == {2}


def test_throttled_calls_are_retried(regions):
    draw = random.Random(1)

    def busy(operation, *_key):
        if draw.random() < 0.1:
            raise refused("SlowDown" if operation[0].islower() else "ThrottlingException", 503, operation)

    regions.s3[HERE].fault = busy
    regions.kms[HERE].fault = busy
    first, second = regions.rotate(mode="reencrypt"), regions.rotate(mode="rewrap", target_kms_key=regions.new)
    regions.s3[HERE].fault = lambda *_given: None
    assert [regions.rotations().status(item)["phase"] for item in (first, second)] == ["rotated", "rotated"]
    assert regions.play_all() == {2}


def test_the_kms_rate_holds_over_all_lanes(regions):
    services = regions.services()
    kms = services.tenants.kms
    with kms.limited(50):
        started = time.monotonic()
        for _ in range(6):
            kms.resolve(regions.old)
        assert time.monotonic() - started >= 5 / 50
    started = time.monotonic()
    kms.resolve(regions.old)
    assert time.monotonic() - started < 0.05


def test_scopes(regions):
    plan = regions.rotations().plan
    dry = {"mode": "reencrypt", "dry_run": True}
    assert plan({**dry, "scope": {"tenant": "tenant-1"}})["plan"]["assets"] == 2
    assert plan({**dry, "scope": {"tenant": "tenant-1", "asset": "film-0"}})["plan"]["assets"] == 1
    assert plan({**dry, "scope": {"older_than": "2001-01-01"}})["plan"]["assets"] == 0
    assert plan({**dry, "scope": {"older_than": "2101-01-01"}})["plan"]["assets"] == 4
    assert plan({**dry, "scope": {"kms_key_arn": regions.old}})["plan"]["assets"] == 4
    assert plan({**dry, "scope": {"kms_key_arn": regions.new}})["plan"]["assets"] == 0
    for scope in ({"tenant": "none"}, {"tenant": "tenant-0", "asset": "none"}):
        with pytest.raises(NotFoundError):
            plan({**dry, "scope": scope})
    cut = plan({**dry, "max_assets": 3})
    assert (cut["plan"]["assets"], cut["resume_marker"]) == (3, "tenant-1/film-0")
    rest = plan({**dry, "scope": {"after": cut["resume_marker"]}})
    assert (rest["plan"]["assets"], rest["resume_marker"]) == (1, None)
    assert layout.rotation_plan("x") == "rotations/x/plan.json"
