# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Use the buckets as applications do: `use_buckets.py <prefix> <region> <other region>`, in the lab's environment."""

from __future__ import annotations

import functools
import json
import os
import sys

import boto3
from botocore.exceptions import ClientError

PREFIX, REGION, OTHER = sys.argv[1:]
ENDPOINTS = json.loads(os.environ["LAB_ENDPOINTS"])


@functools.cache
def client(service: str, region: str):
    return boto3.client(service, region_name=region, endpoint_url=ENDPOINTS[region])


def bucket(region: str, thing: str) -> str:
    return f"{PREFIX}-{region}-storage-{thing}"


def key_arn(region: str) -> str:
    alias = f"alias/{PREFIX}-{region}-storage"
    return client("kms", region).describe_key(KeyId=alias)["KeyMetadata"]["Arn"]


def answer(call, **arguments) -> str:
    """The error that a call ends with, as text; empty where it succeeds."""
    try:
        call(**arguments)
    except ClientError as error:
        return str(error)
    return ""


def refused(call, **arguments) -> None:
    assert "explicit deny in a resource-based policy" in answer(call, **arguments), arguments


def replicates(source: str, destination: str, thing: str, key: str) -> None:
    """A put without a word on encryption gets the default key, is copied under the destination's, and its deletion follows."""
    here, there, body = client("s3", source), client("s3", destination), os.urandom(200_000)
    here.put_object(Bucket=bucket(source, thing), Key=key, Body=body, Tagging="kind=test")
    original = here.head_object(Bucket=bucket(source, thing), Key=key)
    assert original["ServerSideEncryption"] == "aws:kms", original
    assert original["SSEKMSKeyId"] == key_arn(source), original
    assert original["ReplicationStatus"] == "COMPLETED", original
    replica = there.get_object(Bucket=bucket(destination, thing), Key=key)
    assert replica["Body"].read() == body
    assert replica["SSEKMSKeyId"] == key_arn(destination) != key_arn(source), replica["SSEKMSKeyId"]
    assert replica["ReplicationStatus"] == "REPLICA"
    here.delete_object(Bucket=bucket(source, thing), Key=key)
    assert "(404)" in answer(there.head_object, Bucket=bucket(destination, thing), Key=key), (
        "the deletion did not follow"
    )
    print(f"{thing} {source} -> {destination}: same bytes, the destination's key, deletion followed")


def backups_stay() -> None:
    here, there = client("s3", REGION), client("s3", OTHER)
    for key in ("mysql/dump", "clickhouse/part", "elsewhere/file"):
        here.put_object(Bucket=bucket(REGION, "backups"), Key=key, Body=b"backup")
        assert "ReplicationStatus" not in here.head_object(Bucket=bucket(REGION, "backups"), Key=key)
    here.put_object(Bucket=bucket(REGION, "backups"), Key="kubernetes/state", Body=b"backup")
    found = there.list_objects_v2(Bucket=bucket(OTHER, "backups"))
    assert [item["Key"] for item in found["Contents"]] == ["kubernetes/state"], found
    print("backups: only the listed prefix was copied")


def policy_in_effect() -> None:
    media = bucket(REGION, "media")
    s3 = client("s3", REGION)
    # The lab has TLS everywhere: the header stands for a request that came without.
    plaintext = client.__wrapped__("s3", REGION)
    plaintext.meta.events.register(
        "before-sign.s3", lambda request, **_more: request.headers.add_header("X-Forwarded-Proto", "http")
    )
    for thing in ("spa", "media", "artefacts", "backups", "logs"):
        refused(plaintext.list_objects_v2, Bucket=bucket(REGION, thing))
        refused(plaintext.put_object, Bucket=bucket(REGION, thing), Key="k", Body=b"")
        s3.list_objects_v2(Bucket=bucket(REGION, thing))
    put = {"Bucket": media, "Key": "k", "Body": b""}
    other_key = key_arn(OTHER).replace(OTHER, REGION)
    refused(s3.put_object, **put, ServerSideEncryption="AES256")
    refused(s3.put_object, **put, ServerSideEncryption="aws:kms")
    refused(s3.put_object, **put, ServerSideEncryption="aws:kms", SSEKMSKeyId=other_key)
    refused(s3.put_object, **put, SSECustomerAlgorithm="AES256", SSECustomerKey="k" * 32)
    s3.put_object(**put, ServerSideEncryption="aws:kms", SSEKMSKeyId=key_arn(REGION))
    upload = s3.create_multipart_upload(Bucket=media, Key="large")["UploadId"]
    part = s3.upload_part(Bucket=media, Key="large", UploadId=upload, PartNumber=1, Body=b"x")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(Bucket=media, Key="large", UploadId=upload, MultipartUpload=parts)
    print("policies: plaintext, other keys, SSE-S3 and SSE-C are refused; the bucket's own key is taken")


replicates(REGION, OTHER, "media", "media/lesson/1.mp4")
replicates(OTHER, REGION, "media", "media/lesson/2.mp4")
replicates(REGION, OTHER, "spa", "index.html")
replicates(REGION, OTHER, "artefacts", "release.tar.gz")
backups_stay()
policy_in_effect()
