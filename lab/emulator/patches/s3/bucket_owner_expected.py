# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""S3 refuses a request whose ExpectedBucketOwner is not the bucket's owner.

AWS answers 403 (access denied), whatever the caller may do with the bucket; the emulator ignores the header, so that a
preflight could take somebody else's open bucket for its own.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
"""

from __future__ import annotations

import ministack.services.s3 as s3

_HEADER = "x-amz-expected-bucket-owner"

_apply_bucket_scope = s3._apply_bucket_scope


def _apply_expected_owner(method, bucket, key, headers, query_params, body=b"", internal=False):
    denied = _apply_bucket_scope(method, bucket, key, headers, query_params, body, internal)
    expected = headers.get(_HEADER)
    if denied is not None or not expected or not bucket:
        return denied
    owner = s3._bucket_owner_account(bucket)
    if owner is None or owner == expected:
        return None
    return s3._error("AccessDenied", "Access Denied", 403, f"/{bucket}")


def apply() -> None:
    s3._apply_bucket_scope = _apply_expected_owner
