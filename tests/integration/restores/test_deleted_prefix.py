# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Bring back a folder of a bucket that somebody deleted, and only that."""

from __future__ import annotations

import pytest

from tests.support.module_runs import run_steps
from tests.support.restores import next_second, written

_MODULE, _BUCKET, _REGION = "knowledgecity.platform.s3_prefix_restore", "restores-media", "me-west-1"
_FOLDER, _NEIGHBOUR = "uploads/acme/lesson-1/", "uploads/acme/lesson-10/"


@pytest.fixture
def bucket(lab):
    s3 = lab("s3", _REGION)
    s3.create_bucket(Bucket=_BUCKET, CreateBucketConfiguration={"LocationConstraint": _REGION})
    s3.put_bucket_versioning(Bucket=_BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return s3


def _keys(s3) -> set[str]:
    return {item["Key"] for item in s3.list_objects_v2(Bucket=_BUCKET).get("Contents", [])}


def _body(s3, key: str) -> bytes:
    return s3.get_object(Bucket=_BUCKET, Key=key)["Body"].read()


def test_a_deleted_folder_is_back_as_it_was(lab, bucket, tmp_path):
    s3, key = bucket, lab("kms", _REGION).create_key()["KeyMetadata"]["Arn"]
    for folder in (_FOLDER, _NEIGHBOUR):
        s3.put_object(Bucket=_BUCKET, Key=f"{folder}source.mp4", Body=b"first try")
        s3.put_object(
            Bucket=_BUCKET,
            Key=f"{folder}source.mp4",
            Body=b"the source",
            ContentType="video/mp4",
            Metadata={"title": "lesson"},
            Tagging="tenant=acme",
            ServerSideEncryption="aws:kms",
            SSEKMSKeyId=key,
        )
        s3.put_object(Bucket=_BUCKET, Key=f"{folder}notes.txt", Body=b"notes")
    s3.put_object(Bucket=_BUCKET, Key=f"{_FOLDER}draft.txt", Body=b"deleted long ago")
    s3.delete_object(Bucket=_BUCKET, Key=f"{_FOLDER}draft.txt")
    moment = written(next_second())
    s3.put_object(Bucket=_BUCKET, Key=f"{_FOLDER}notes.txt", Body=b"spoiled")
    s3.put_object(Bucket=_BUCKET, Key=f"{_FOLDER}newer.txt", Body=b"newer")
    for name in (f"{_FOLDER}source.mp4", f"{_NEIGHBOUR}source.mp4"):
        s3.delete_object(Bucket=_BUCKET, Key=name)
    options = {"bucket": _BUCKET, "prefix": _FOLDER, "restore_time": moment}
    steps = [
        options | {"prefix": _FOLDER.removesuffix("/")},
        options | {"check_mode": True},
        options,
        options,
        options | {"overwritten": True},
        options | {"overwritten": True},
        options | {"prefix": f"{_NEIGHBOUR}source.mp4", "exact_key": True, "check_mode": True},
    ]
    (refused, announced, done, again, overwritten, at_last, neighbour), _output = run_steps(
        lab, tmp_path, _MODULE, steps, region=_REGION
    )
    assert "neighbours" in refused["msg"]
    assert announced["restored"] == done["restored"] == [f"{_FOLDER}source.mp4"], done
    assert overwritten["restored"] == [f"{_FOLDER}notes.txt"]
    assert not again["changed"]
    assert not at_last["changed"]
    assert neighbour["restored"] == [f"{_NEIGHBOUR}source.mp4"]
    assert _keys(s3) == {
        *(f"{_FOLDER}{name}" for name in ("source.mp4", "notes.txt", "newer.txt")),
        f"{_NEIGHBOUR}notes.txt",
    }
    assert _body(s3, f"{_FOLDER}notes.txt") == b"notes"
    found = s3.get_object(Bucket=_BUCKET, Key=f"{_FOLDER}source.mp4")
    assert (found["Body"].read(), found["ContentType"]) == (b"the source", "video/mp4")
    assert found["Metadata"]["title"] == "lesson"
    assert found["SSEKMSKeyId"] == key
    tags = s3.get_object_tagging(Bucket=_BUCKET, Key=f"{_FOLDER}source.mp4")["TagSet"]
    assert tags == [{"Key": "tenant", "Value": "acme"}]
