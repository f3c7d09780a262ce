# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import uuid

from tests.support.rights import allowed, user_with

VERSIONED = {"Status": "Enabled"}


def aws_behaviour(clients) -> bool:
    """Who may delete versions, and nothing else, can delete one; who may delete objects can't."""
    s3, bucket = clients("s3"), f"versions-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "me-west-1"})
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=VERSIONED)

    def may(action: str) -> bool:
        version = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["VersionId"]
        _, key = user_with(clients, [{"Action": action, "Resource": f"arn:aws:s3:::{bucket}/*"}])
        versions = {"Objects": [{"Key": "k", "VersionId": version}]}
        allowed(clients("s3", key=key).delete_objects, Bucket=bucket, Delete=versions)
        found = s3.list_object_versions(Bucket=bucket, Prefix="k").get("Versions", [])
        return version not in [each["VersionId"] for each in found]

    return may("s3:DeleteObjectVersion") and not may("s3:DeleteObject")


def test_s3_batch_delete_versions(patched_only):
    patched_only("s3.batch_delete_versions", aws_behaviour)
