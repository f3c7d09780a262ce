# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Tenants' keys: one KMS call per tenant, and one key if two are created at the same time. S3 and KMS are simulated."""

from __future__ import annotations

import threading

import pytest
from media_server.errors import NotFoundError
from media_server.keys.content import ContentKeys
from media_server.keys.kms import KmsKeys
from media_server.keys.tenants import TenantKeys
from media_server.keys.wrapping import WrongKeyError
from media_server.store.objects import ObjectStore

from tests.support.media_fakes import FakeKms, FakeS3


class Place:
    def __init__(self, ttl_s: float = 300):
        self.s3, self.fake, self.time = FakeS3(), FakeKms(), 0.0
        self.arn = self.fake.new_key("a")
        self.ttl_s = ttl_s
        self.tenants = self.process()

    def process(self) -> TenantKeys:
        kms = KmsKeys(self.fake, "me-west-1", requests_per_s=10_000)
        return TenantKeys(ObjectStore(self.s3, "b"), kms, self.arn, ttl_s=self.ttl_s, clock=lambda: self.time)


@pytest.fixture
def place() -> Place:
    return Place()


def test_kms_decrypts_a_tenants_key_once_for_many_assets(place):
    place.tenants.ensure("acme")
    reader = place.process()
    for _ in range(1000):
        reader.current("acme")
    assert reader.kms.calls == {"decrypt": 1}
    place.time = 301
    reader.current("acme")
    assert reader.kms.calls == {"decrypt": 2}


def test_threads_share_one_call(place):
    place.tenants.ensure("acme")
    reader = place.process()
    threads = [threading.Thread(target=reader.current, args=("acme",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert reader.kms.calls == {"decrypt": 1}


def test_the_first_key_that_is_stored_counts(place):
    first, second = place.process(), place.process()
    first.ensure("acme")
    second.ensure("acme")
    assert first.current("acme").key == second.current("acme").key
    place.s3.objects.clear()
    with pytest.raises(NotFoundError):
        place.process().current("acme")


def test_a_rotation_makes_one_key_however_often_it_runs(place):
    place.tenants.ensure("acme")
    first, second = place.process(), place.process()
    assert [first.add("acme", "r1"), second.add("acme", "r1"), first.add("acme", "r1")] == [2, 2, 2]
    assert place.process().current("acme").version == 1
    assert first.of_version("acme", 2) == second.of_version("acme", 2) != first.of_version("acme", 1)
    assert first.add("acme", "r2") == 3


def test_a_reader_sees_a_key_that_was_made_since(place):
    place.tenants.ensure("acme")
    reader = place.process()
    reader.current("acme")
    place.tenants.add("acme", "r1")
    assert reader.of_version("acme", 2) == place.tenants.of_version("acme", 2)
    with pytest.raises(NotFoundError, match="version 3"):
        reader.of_version("acme", 3)


def test_content_keys_are_checked_before_they_are_used(place):
    place.tenants.ensure("acme")
    place.tenants.ensure("other")
    keys = ContentKeys(place.tenants)
    document = keys.create("acme", "cbcs")
    assert len(keys.open("acme", document)) == 16
    with pytest.raises(WrongKeyError):
        keys.open("other", document)
    document.__dict__["kcv"] = "0000000000"
    with pytest.raises(WrongKeyError, match="check value"):
        keys.open("acme", document)


def test_a_rewrapped_key_is_the_same_key(place):
    place.tenants.ensure("acme")
    keys = ContentKeys(place.tenants)
    document = keys.create("acme", "cbcs", rotation="r0", source=1)
    place.tenants.add("acme", "r1")
    again = keys.rewrap("acme", document, 2, "r1")
    assert keys.open("acme", again) == keys.open("acme", document)
    assert (again.rotation, again.source, again.rewrapped_by, again.kid) == ("r0", 1, "r1", document.kid)
    assert again.wrapped_key != document.wrapped_key


def test_no_key_is_in_a_repr(place):
    place.tenants.ensure("acme")
    key = place.tenants.current("acme")
    document, _etag = place.tenants.document("acme")
    assert repr(key) == "TenantKey(version=1)"
    assert "wrapped_key" not in repr(document)
    assert "wrapped_key" not in repr(ContentKeys(place.tenants).create("acme", "cbcs"))
