# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Uploads: the number of parts, and a source only if all parts are complete."""

from __future__ import annotations

import boto3
import pytest
from botocore.config import Config
from hypothesis import given
from hypothesis import strategies as st
from media_server.errors import ConflictError
from media_server.jobs.uploads import MIB, MOST_PARTS, SMALLEST_PART_BYTES, Uploads, part_bytes, part_sizes
from media_server.store.objects import ObjectStore

from tests.support.media_service_fakes import ServiceS3

KEY = "uploads/acme/intro"


@given(st.integers(1, 5 * 1024**4))
def test_parts_are_within_the_limits_of_s3(size):
    each = part_bytes(size)
    sizes = part_sizes(size, each)
    assert sum(sizes) == size
    assert len(sizes) <= MOST_PARTS
    assert all(part == each for part in sizes[:-1])
    assert 0 < sizes[-1] <= each
    # S3's limits: 5 MiB to 5 GiB for all parts but the last.
    assert 5 * MIB <= each <= 5 * 1024**3 or size > MOST_PARTS * 5 * 1024**3


def begun(size: int) -> tuple[ServiceS3, Uploads, str]:
    s3 = ServiceS3()
    uploads = Uploads(ObjectStore(s3, "b"))
    return s3, uploads, uploads.begin(KEY)


def test_a_source_is_completed_once_and_found_again():
    size = SMALLEST_PART_BYTES + 5
    s3, uploads, identity = begun(size)
    s3.send_part(identity, 1, bytes(SMALLEST_PART_BYTES))
    s3.send_part(identity, 2, b"12345")
    etag = uploads.complete(KEY, identity, size, SMALLEST_PART_BYTES)
    assert uploads.complete(KEY, identity, size, SMALLEST_PART_BYTES) == etag
    assert len(s3.content(KEY)) == size


@pytest.mark.parametrize(
    "parts",
    [{}, {1: bytes(SMALLEST_PART_BYTES)}, {2: b"12345"}, {1: b"short", 2: b"12345"}, {1: b"1", 2: b"1", 3: b"1"}],
)
def test_an_incomplete_upload_stays_open(parts):
    size = SMALLEST_PART_BYTES + 5
    s3, uploads, identity = begun(size)
    for number, body in parts.items():
        s3.send_part(identity, number, body)
    with pytest.raises(ConflictError) as refused:
        uploads.complete(KEY, identity, size, SMALLEST_PART_BYTES)
    assert refused.value.code == "upload-incomplete"
    assert s3.names() == []
    assert identity in s3.sizes


def test_a_lost_upload_is_reported():
    _s3, uploads, identity = begun(5)
    uploads.abort(KEY, identity)
    uploads.abort(KEY, identity)
    with pytest.raises(ConflictError) as refused:
        uploads.complete(KEY, identity, 5, SMALLEST_PART_BYTES)
    assert refused.value.code == "upload-lost"


def test_a_url_is_signed_for_one_part_of_one_length():
    client = boto3.client(
        "s3",
        region_name="me-west-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
        config=Config(signature_version="s3v4"),
    )
    first, second = Uploads(ObjectStore(client, "b")).parts(KEY, "u1", SMALLEST_PART_BYTES + 5, SMALLEST_PART_BYTES)
    assert (first.size, second.size) == (SMALLEST_PART_BYTES, 5)
    assert "X-Amz-SignedHeaders=content-length%3Bhost" in second.url
    assert "partNumber=2" in second.url
    assert "X-Amz-Expires=21600" in second.url
