# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Packaging jobs: exactly one result counts in every case, and a source that can't be packaged is reported."""

from __future__ import annotations

import dataclasses
import json
import threading
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from media_server.errors import BadInputError, DoubtfulError, UnavailableError, UnprocessableError
from media_server.jobs.kinds import PackageJob
from media_server.jobs.package_job import ELSEWHERE, GAVE_UP, PackageJobs
from media_server.jobs.package_request import PackageRequest, job_id
from media_server.jobs.states import AssetState
from media_server.keys.tenants import now

from tests.support.media_fakes import refused
from tests.support.media_service_fakes import FakePlatform

REQUEST = PackageRequest("acme", "intro", "cbcs", "uploads/acme/intro")


class Packager:
    """Replaces the packager. Simulated: each call writes different bytes, as an encoder may."""

    def __init__(self) -> None:
        self.calls = 0
        self.barrier: threading.Barrier | None = None
        self.error: Exception | None = None
        self.keys: list[bytes] = []
        self.ladders: list[tuple[int, ...] | None] = []

    def __call__(self, source, out, *, scheme, kid, key, iv, ladder, on_progress):
        self.calls += 1
        number = self.calls
        assert source.read_bytes() == b"plain video"
        if self.error:
            raise self.error
        if self.barrier:
            self.barrier.wait(10)
        out.mkdir()
        (out / "v").mkdir()
        for name in ("v/1.m4s", "manifest.mpd"):
            (out / name).write_text(f"{name} of call {number} under {kid.hex()}")
        self.keys.append(key)
        self.ladders.append(ladder)
        on_progress(0.5)
        return ["v/1.m4s", "manifest.mpd"]


@pytest.fixture
def platform(tmp_path):
    platform = FakePlatform(tmp_path)
    state = AssetState(
        tenant="acme",
        asset="intro",
        scheme="cbcs",
        size=11,
        title="",
        state="queued",
        upload_id="u",
        part_bytes=1,
        created_at=now(),
        changed_at=now(),
    )
    platform.services.states.create(state)
    platform.services.objects.put(REQUEST.upload, b"plain video")
    return platform


def jobs(platform: FakePlatform, packager: Packager, host: str = "one") -> PackageJobs:
    services = platform.services
    stores = (services.assets, services.states, services.tenant_keys, services.replication)
    return PackageJobs(*stores, services.jobs_dir, packager, host=host)


def nothing(_share: float) -> None:
    """Do nothing: the job is not disturbed."""


def state_of(platform: FakePlatform) -> AssetState:
    return platform.services.states.get("acme", "intro")[0]


def kept(platform: FakePlatform, folder: Path) -> list[bytes]:
    """Return the kept sources, decrypted."""
    found = []
    for source in platform.services.assets.sources("acme", "intro"):
        platform.services.sources.read("acme", "intro", source, folder / "read")
        found.append((folder / "read").read_bytes())
    return found


def test_a_job_ends_with_a_pointer_and_the_source_is_kept_encrypted(platform, tmp_path):
    packager = Packager()
    assert jobs(platform, packager).run(REQUEST, nothing) == "ready"
    pointer, _etag = platform.services.assets.pointer("acme", "intro")
    assert (pointer.current, pointer.version.files, pointer.version.scheme) == (1, ("manifest.mpd", "v/1.m4s"), "cbcs")
    document, _etag = platform.services.assets.key("acme", "intro", 1)
    assert platform.services.content_keys.open("acme", document) == packager.keys[0]
    assert document.kid == pointer.version.kid
    assert not [name for name in platform.s3.objects if name.startswith("uploads/")]
    assert kept(platform, tmp_path) == [b"plain video"]
    assert not [name for name, versions in platform.s3.objects.items() if b"plain video" in versions[-1].body]
    assert (state_of(platform).state, state_of(platform).public()["source_kept"]) == ("ready", True)
    assert list(platform.services.jobs_dir.iterdir()) == []


@pytest.mark.parametrize("error", [None, UnprocessableError("not-a-video", "the source is no video")])
def test_the_sources_of_assets_whose_names_begin_alike_are_kept(platform, error):
    neighbours = ["uploads/acme/intro-ar", "uploads/acme/intro0", "uploads/acme/intro/2"]
    for name in neighbours:
        platform.services.objects.put(name, b"another video")
    packager = Packager()
    packager.error = error
    jobs(platform, packager).run(REQUEST, nothing)
    assert platform.s3.names("uploads/") == sorted(neighbours)


def test_a_second_message_does_nothing(platform):
    packager = Packager()
    jobs(platform, packager).run(REQUEST, nothing)
    puts = platform.s3.calls["put_object"]
    assert jobs(platform, packager).run(REQUEST, nothing) == "ready"
    assert (packager.calls, platform.s3.calls["put_object"]) == (1, puts)


def test_of_two_workers_at_a_time_exactly_one_result_counts(platform):
    packager = Packager()
    packager.barrier = threading.Barrier(2)
    results: list[str] = []
    threads = [
        threading.Thread(target=lambda: results.append(jobs(platform, packager).run(REQUEST, nothing)))
        for _worker in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert results == ["ready", "ready"]
    assert packager.calls == 2
    pointer, _etag = platform.services.assets.pointer("acme", "intro")
    prefix = f"media/acme/intro/v{pointer.current}/"
    assert platform.s3.names("media/acme/intro/v") == sorted(
        [prefix + "key.json", *(prefix + name for name in pointer.version.files)]
    )
    # All files are of one attempt: none of the other's is among them.
    contents = {platform.s3.content(prefix + name).decode().partition(" of ")[2] for name in pointer.version.files}
    assert len(contents) == 1
    assert pointer.version.kid.hex() in contents.pop()


def test_a_source_that_is_not_supported_fails_at_once_and_is_kept(platform, tmp_path):
    packager = Packager()
    packager.error = UnprocessableError("not-a-video", "the source is no video")
    assert jobs(platform, packager).run(REQUEST, nothing) == "failed"
    failure = state_of(platform).failure
    assert (failure.code, failure.message) == ("not-a-video", "the source is no video")
    assert [name for name in platform.s3.objects if name.startswith(("uploads/", "media/acme/intro/v"))] == []
    assert kept(platform, tmp_path) == [b"plain video"]
    assert jobs(platform, packager).run(REQUEST, nothing) == "failed"
    assert packager.calls == 1


def test_a_source_that_the_tools_refuse_is_tried_once_more_elsewhere(platform, tmp_path):
    packager = Packager()
    packager.error = DoubtfulError("undecodable-source", "the source can't be decoded")
    with pytest.raises(UnavailableError) as caught:
        jobs(platform, packager).run(REQUEST, nothing)
    assert (caught.value.code, caught.value.retry_after_s) == (ELSEWHERE, 10)
    assert (state_of(platform).state, state_of(platform).failure) == ("packaging", None)
    # This host leaves it to another for a while.
    with pytest.raises(UnavailableError):
        jobs(platform, packager).run(REQUEST, nothing)
    assert packager.calls == 1
    assert jobs(platform, packager, host="two").run(REQUEST, nothing) == "failed"
    assert (packager.calls, state_of(platform).failure.code) == (2, "undecodable-source")
    assert platform.s3.names("uploads/") == []
    assert kept(platform, tmp_path) == [b"plain video"]


def test_a_refusal_that_was_the_hosts_fault_costs_nothing(platform):
    packager = Packager()
    packager.error = DoubtfulError("undecodable-source", "the source can't be decoded")
    with pytest.raises(UnavailableError):
        jobs(platform, packager).run(REQUEST, nothing)
    packager.error = None
    assert jobs(platform, packager, host="two").run(REQUEST, nothing) == "ready"
    assert (state_of(platform).refusal, state_of(platform).failure) == (None, None)


def test_without_another_host_the_same_one_tries_again_later(platform):
    packager = Packager()
    packager.error = DoubtfulError("undecodable-source", "the source can't be decoded")
    with pytest.raises(UnavailableError):
        jobs(platform, packager).run(REQUEST, nothing)
    state, etag = platform.services.states.get("acme", "intro")
    earlier = dataclasses.replace(state.refusal, at="2026-01-01T00:00:00+00:00")
    platform.services.states.change(state, etag, refusal=earlier)
    assert jobs(platform, packager).run(REQUEST, nothing) == "failed"


def test_an_upload_that_begins_as_the_old_one_fails_is_not_deleted(platform):
    packager = Packager()
    packager.error = UnprocessableError("not-a-video", "the source is no video")

    def fault(operation, key):
        if operation == "delete_objects":
            platform.s3.fault = lambda _operation, _key: None
            platform.services.objects.put(REQUEST.upload, b"the next upload")

    platform.s3.fault = fault
    assert jobs(platform, packager).run(REQUEST, nothing) == "failed"
    assert platform.s3.content(REQUEST.upload) == b"the next upload"


def test_a_lost_upload_is_packaged_from_the_kept_source(platform):
    packager = Packager()
    packager.error = UnavailableError("disk-full", "the disk is full")
    with pytest.raises(UnavailableError):
        jobs(platform, packager).run(REQUEST, nothing)
    platform.services.objects.delete_versions(REQUEST.upload)
    packager.error = None
    assert jobs(platform, packager).run(REQUEST, nothing) == "ready"


def test_without_upload_and_source_the_job_is_retried(platform):
    platform.services.objects.delete_versions(REQUEST.upload)
    with pytest.raises(UnavailableError) as caught:
        jobs(platform, Packager()).run(REQUEST, nothing)
    assert caught.value.code == "no-source"


def test_nothing_is_discarded_before_it_is_kept(platform):
    def fault(operation, key):
        if "/source-" in key and operation == "put_object":
            raise refused("AccessDenied", 403, "PutObject")

    packager = Packager()
    packager.error = UnprocessableError("not-a-video", "the source is no video")
    platform.s3.fault = fault
    with pytest.raises(ClientError):
        jobs(platform, packager).run(REQUEST, nothing)
    assert platform.s3.content(REQUEST.upload) == b"plain video"


def test_the_message_of_another_error_is_retried(platform):
    packager = Packager()
    packager.error = UnavailableError("disk-full", "the disk is full")
    with pytest.raises(UnavailableError):
        jobs(platform, packager).run(REQUEST, nothing)
    assert state_of(platform).state == "packaging"
    packager.error = None
    assert jobs(platform, packager).run(REQUEST, nothing) == "ready"
    assert state_of(platform).attempts == 2


def test_a_tenants_unreadable_keys_do_not_fail_the_asset(platform):
    platform.services.objects.put("keys/acme.json", b"no JSON")
    with pytest.raises(UnprocessableError):
        jobs(platform, Packager()).run(REQUEST, nothing)
    assert state_of(platform).state == "packaging"
    assert platform.s3.names("uploads/") == [REQUEST.upload]


def test_an_attempt_that_fails_while_writing_leaves_no_version(platform):
    def fault(operation, key):
        if operation == "put_object" and key.endswith("manifest.mpd"):
            raise refused("AccessDenied", 403, "PutObject")

    platform.s3.fault = fault
    with pytest.raises(ClientError):
        jobs(platform, Packager()).run(REQUEST, nothing)
    assert [name for name in platform.s3.objects if name.startswith("media/acme/intro/v")] == []
    platform.s3.fault = lambda _operation, _key: None
    assert jobs(platform, Packager()).run(REQUEST, nothing) == "ready"


def test_a_version_counts_only_once_it_is_replicated(platform):
    platform.s3.rules = [{"Status": "Enabled", "Filter": {"Prefix": ""}}]
    seen: list[bool] = []

    def replicated(key):
        if "/source-" in key:
            # A source that isn't replicated yet holds nothing up.
            return "PENDING"
        seen.append("media/acme/intro/asset.json" in platform.s3.objects)
        return "PENDING" if len(seen) < 3 else "COMPLETED"

    platform.s3.replicated = replicated
    assert jobs(platform, Packager()).run(REQUEST, nothing) == "ready"
    assert len(seen) >= 3
    assert not any(seen)


def test_a_job_that_is_given_up_keeps_its_source_for_a_retry(platform):
    packager = Packager()
    job = PackageJob(jobs(platform, packager), platform.services.active_region)
    job.give_up(REQUEST.to_message())
    assert (state_of(platform).state, state_of(platform).failure.code) == ("failed", GAVE_UP)
    assert job.run(REQUEST.to_message(), nothing) == "ready"
    assert state_of(platform).failure is None


@pytest.mark.parametrize("told", ["uploading", "failed", "ready"])
def test_giving_up_an_old_message_does_not_change_a_newer_upload(platform, told):
    state, etag = platform.services.states.get("acme", "intro")
    platform.services.states.change(state, etag, state=told)
    PackageJob(jobs(platform, Packager()), platform.services.active_region).give_up(REQUEST.to_message())
    assert (state_of(platform).state, state_of(platform).failure) == (told, None)


def test_nothing_is_packaged_where_the_region_is_not_active(platform):
    packager = Packager()
    platform.record.active = "eu-central-1"
    with pytest.raises(UnavailableError):
        PackageJob(jobs(platform, packager), platform.services.active_region).run(REQUEST.to_message(), nothing)
    assert packager.calls == 0


def test_the_same_source_and_profile_make_the_same_job():
    given = {"upload": "uploads/a/b", "etag": '"e"', "size": 5, "scheme": "cbcs", "ladder": None}
    one = job_id(**given)
    assert one == job_id(**given)
    changes = {"upload": "uploads/a/c", "etag": '"f"', "size": 6, "scheme": "cenc", "ladder": (720,)}
    others = {job_id(**given | {name: value}) for name, value in changes.items()}
    assert one not in others
    assert len(others) == len(changes)


@pytest.mark.parametrize("ladder", [None, (1080, 360)])
def test_the_ladder_of_the_message_is_the_packagers(platform, ladder):
    packager = Packager()
    message = json.loads(json.dumps(dataclasses.replace(REQUEST, ladder=ladder).to_message()))
    jobs(platform, packager).run(PackageRequest.from_message(message), nothing)
    assert packager.ladders == [ladder]


@pytest.mark.parametrize("ladder", [[], [721], [True], ["720"], 720, {"720": 1}, [[720]]])
def test_a_message_with_an_unknown_ladder_is_refused(ladder):
    with pytest.raises(BadInputError):
        PackageRequest.from_message(REQUEST.to_message() | {"ladder": ladder})
