# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Kept sources: what is stored opens with the tenant's key only, nothing is lost in between, and each has its time."""

from __future__ import annotations

import base64
import datetime
import json
import random

import pytest
from media_server.errors import NotFoundError, UnprocessableError
from media_server.jobs.source_expiry import SourceExpiry
from media_server.sources.kept import KeptSources

from tests.support.media_fakes import refused
from tests.support.media_service_fakes import FakePlatform
from tests.support.openssl_source import decrypt_source

UPLOAD = "uploads/acme/lesson-1"
VIDEO = random.Random(5).randbytes(9 * 1024 * 1024)
DAY = datetime.date(2026, 1, 31)


def nothing() -> None:
    pass


@pytest.fixture
def platform(tmp_path) -> FakePlatform:
    platform = FakePlatform(tmp_path)
    platform.services.objects.put(UPLOAD, VIDEO)
    return platform


def kept(platform: FakePlatform, date: datetime.date = DAY) -> KeptSources:
    return KeptSources(platform.services.assets, platform.services.tenant_keys, lambda: date)


def keep(platform: FakePlatform, date: datetime.date = DAY) -> str:
    sources = kept(platform, date)
    found = sources.keep("acme", "lesson-1", sources.uploads("acme", "lesson-1"), nothing)
    assert found is not None
    return found


def tenant_key(platform: FakePlatform, tenant: str = "acme") -> bytes:
    """Return the tenant's key, decrypted by KMS without the server's code."""
    document = json.loads(platform.s3.content(f"keys/{tenant}.json"))
    version = document["versions"][str(document["current"])]
    wrapped, context = base64.b64decode(version["wrapped_key"]), {"tenant": tenant, "purpose": "media"}
    return platform.kms.decrypt(wrapped, version["kms_key_arn"], context)["Plaintext"]


def stored(platform: FakePlatform, source: str) -> tuple[bytes, bytes]:
    prefix = f"media/acme/lesson-1/{source}/"
    assert platform.s3.names(prefix) == [f"{prefix}content", f"{prefix}key.json"]
    return platform.s3.content(f"{prefix}content"), platform.s3.content(f"{prefix}key.json")


def test_openssl_opens_it_with_the_tenants_key(platform):
    content, document = stored(platform, keep(platform))
    assert VIDEO[:1000] not in content
    assert decrypt_source(content, document, tenant_key(platform)) == VIDEO


def test_it_is_read_back(platform, tmp_path):
    source = keep(platform)
    kept(platform).read("acme", "lesson-1", source, tmp_path / "source")
    assert (tmp_path / "source").read_bytes() == VIDEO


def test_a_second_worker_keeps_nothing_more(platform):
    source = keep(platform)
    calls = dict(platform.s3.calls)
    assert keep(platform) == source
    assert {name: platform.s3.calls[name] - calls.get(name, 0) for name in ("put_object", "upload_part")} == {
        "put_object": 0,
        "upload_part": 0,
    }


def test_after_an_interruption_the_same_key_is_used(platform):
    def fault(operation, key):
        if operation == "complete_multipart_upload" and key.endswith("content"):
            raise refused("AccessDenied", 403, "CompleteMultipartUpload")

    platform.s3.fault = fault
    with pytest.raises(Exception, match="AccessDenied"):
        keep(platform)
    platform.s3.fault = lambda _operation, _key: None
    content, document = stored(platform, keep(platform))
    assert decrypt_source(content, document, tenant_key(platform)) == VIDEO


def test_uploads_that_a_newer_one_replaced_are_kept_too(platform):
    platform.services.objects.put(UPLOAD, b"second")
    newest = keep(platform)
    folders = platform.services.assets.sources("acme", "lesson-1")
    assert len(folders) == 2
    opened = {decrypt_source(*stored(platform, folder), tenant_key(platform)) for folder in folders}
    assert opened == {VIDEO, b"second"}
    assert decrypt_source(*stored(platform, newest), tenant_key(platform)) == b"second"


def test_only_the_listed_versions_of_this_upload_are_discarded(platform):
    platform.services.objects.put("uploads/acme/lesson-10", b"another lesson")
    sources = kept(platform)
    listed = sources.uploads("acme", "lesson-1")
    platform.services.objects.put(UPLOAD, b"a new upload that began meanwhile")
    sources.discard_uploads("acme", "lesson-1", listed)
    assert platform.s3.names("uploads/") == [UPLOAD, "uploads/acme/lesson-10"]
    assert platform.s3.content(UPLOAD) == b"a new upload that began meanwhile"
    sources.discard_uploads("acme", "lesson-1", [])
    assert platform.s3.names("uploads/") == [UPLOAD, "uploads/acme/lesson-10"]


def test_a_damaged_source_is_not_returned(platform, tmp_path):
    source = keep(platform)
    name = f"media/acme/lesson-1/{source}/content"
    content = bytearray(platform.s3.content(name))
    content[100] ^= 1
    platform.services.objects.put(name, bytes(content))
    with pytest.raises(UnprocessableError) as caught:
        kept(platform).read("acme", "lesson-1", source, tmp_path / "source")
    assert caught.value.code == "source-damaged"


def expiry(platform: FakePlatform, days: int) -> SourceExpiry:
    return SourceExpiry(kept(platform), platform.services.states, platform.services.active_region, days)


def test_a_source_is_removed_after_its_days_and_its_versions_stay(platform, tmp_path):
    source = keep(platform)
    before = stored(platform, source)
    assert expiry(platform, 30).run(DAY + datetime.timedelta(days=29)) == 0
    assert stored(platform, source) == before
    assert expiry(platform, 30).run(DAY + datetime.timedelta(days=30)) == 1
    with pytest.raises(NotFoundError):
        kept(platform).read("acme", "lesson-1", source, tmp_path / "source")
    # A delete marker: S3's lifecycle makes it final.
    versions = platform.s3.objects[f"media/acme/lesson-1/{source}/content"]
    assert [item.body for item in versions] == [before[0], None]
    assert expiry(platform, 30).run(DAY + datetime.timedelta(days=31)) == 0


def test_without_days_a_source_is_kept_until_its_result_is_accepted(platform):
    source = keep(platform)
    assert expiry(platform, 0).run(DAY + datetime.timedelta(days=10_000)) == 0
    stored(platform, source)


def test_only_the_active_region_removes(platform):
    source = keep(platform)
    platform.record.active = "eu-central-1"
    assert expiry(platform, 1).run(DAY + datetime.timedelta(days=30)) == 0
    stored(platform, source)


def test_the_time_of_each_source_is_its_own(platform):
    first = keep(platform)
    platform.services.objects.put(UPLOAD, b"second")
    second = keep(platform, DAY + datetime.timedelta(days=10))
    assert expiry(platform, 30).run(DAY + datetime.timedelta(days=35)) == 1
    assert platform.services.assets.sources("acme", "lesson-1") == [second]
    assert first != second


def test_marks_are_removed_with_an_accepted_source(platform):
    source = keep(platform, datetime.datetime.now(datetime.UTC).date())
    assert [found[3] for found in kept(platform).marks()] == [source]
    assert kept(platform).remove_all("acme", "lesson-1") == 1
    assert list(kept(platform).marks()) == []
    assert platform.services.assets.sources("acme", "lesson-1") == []
