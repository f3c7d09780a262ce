# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Conditional reads and writes. S3 is simulated."""

from __future__ import annotations

import io

import pytest
from media_server.errors import NotFoundError, UnavailableError
from media_server.store.objects import PART_BYTES, ObjectStore, PreconditionFailed
from media_server.store.retries import Retries

from tests.support.media_fakes import FakeS3, refused


def _store(s3: FakeS3, **retries) -> ObjectStore:
    return ObjectStore(s3, "b", Retries(sleep=lambda _seconds: None, **retries))


def test_conditions_hold():
    store = _store(FakeS3())
    etag = store.put("k", b"1", if_none_match=True)
    with pytest.raises(PreconditionFailed):
        store.put("k", b"2", if_none_match=True)
    newer = store.put("k", b"2", if_match=etag)
    with pytest.raises(PreconditionFailed):
        store.put("k", b"3", if_match=etag)
    assert store.get("k") == (b"2", newer)
    with pytest.raises(NotFoundError):
        store.get("other")
    with pytest.raises(NotFoundError):
        store.head("other")


def test_a_retried_change_recognizes_its_own_write():
    s3, lost = FakeS3(), [True]
    store = _store(s3)
    etag = store.put("k", b"1")
    write = s3.put_object

    def lose(**asked):
        answer = write(**asked)
        if lost.pop(0):
            lost.append(False)
            raise refused("InternalError", 500, "PutObject")
        return answer

    s3.put_object = lose
    store.change("k", b"2", etag)
    assert s3.content("k") == b"2"
    with pytest.raises(PreconditionFailed):
        store.change("k", b"3", etag)


def test_throttled_calls_are_retried_until_the_deadline():
    s3, count, time = FakeS3(), [0], [0.0]
    s3.objects = {}

    def busy(_operation, _key):
        count[0] += 1
        time[0] += 1
        if count[0] < 4:
            raise refused("SlowDown", 503, "PutObject")

    s3.fault = busy
    _store(s3).put("k", b"1")
    count[0], s3.fault = -100, busy
    with pytest.raises(UnavailableError, match=r"write k: SlowDown"):
        _store(s3, deadline_s=10, clock=lambda: time[0]).put("k", b"2")


def test_a_refusal_is_not_retried():
    s3, count = FakeS3(), [0]

    def deny(operation, _key):
        count[0] += 1
        raise refused("AccessDenied", 403, operation)

    s3.fault = deny
    with pytest.raises(Exception, match="AccessDenied"):
        _store(s3).get("k")
    assert count == [1]


@pytest.mark.parametrize("size", [0, 5, PART_BYTES, 2 * PART_BYTES + 1])
def test_streams_are_written_in_parts(size):
    s3 = FakeS3()
    body = bytes(range(256)) * (size // 256) + bytes(size % 256)
    assert _store(s3).upload("k", io.BytesIO(body)) is True
    assert s3.content("k") == body
    assert _store(s3).upload("k", io.BytesIO(body)) is False
    assert s3.uploads == {}


def test_all_versions_of_an_object_or_a_folder_are_removed_and_no_others():
    s3 = FakeS3()
    store = _store(s3)
    for key in ("a/1", "a/1", "a/2", "b/1"):
        store.put(key, b"x")
    s3.delete_object(Bucket="b", Key="a/2")
    assert store.delete_versions("a/1", lambda version: not version.latest) == 1
    assert store.delete_folder("a/") == 3
    assert list(s3.objects) == ["b/1"]


def test_an_object_whose_name_begins_with_anothers_is_kept():
    s3 = FakeS3()
    store = _store(s3)
    for key in ("uploads/acme/lesson-1", "uploads/acme/lesson-1-ar", "uploads/acme/lesson-10"):
        store.put(key, b"x")
    assert store.delete_versions("uploads/acme/lesson-1") == 1
    assert sorted(s3.objects) == ["uploads/acme/lesson-1-ar", "uploads/acme/lesson-10"]
    with pytest.raises(ValueError, match="must end with a slash"):
        store.delete_folder("uploads/acme/lesson-1")


def test_folders_and_lists():
    store = _store(FakeS3())
    for key in ("m/a/1", "m/a/2", "m/b/1", "m/c"):
        store.put(key, b"x")
    assert list(store.folders("m/")) == ["a", "b"]
    assert [item.key for item in store.list("m/a/")] == ["m/a/1", "m/a/2"]
