# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

BUCKET = "owner-expected-lab"


def aws_behaviour(clients) -> bool:
    """The owner's ID opens the bucket, another account's is refused with 403, though the caller may read it."""
    s3 = clients("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "me-west-1"})
    try:
        s3.head_bucket(Bucket=BUCKET, ExpectedBucketOwner="111122223333")
        s3.head_bucket(Bucket=BUCKET, ExpectedBucketOwner="999988887777")
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    else:
        return False
    finally:
        s3.delete_bucket(Bucket=BUCKET)


def test_bucket_owner_expected(patched_only):
    patched_only("s3.bucket_owner_expected", aws_behaviour)


def test_an_open_bucket_of_another_account_is_not_ours(lab):
    """What the patch is for: its owner lets us list the bucket, and still we must not take it for ours."""
    other, name = lab("s3", key=("999988887777", "unused-by-the-emulator")), "owner-expected-open"
    other.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "me-west-1"})
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
        "Action": "s3:ListBucket",
        "Resource": f"arn:aws:s3:::{name}",
    }
    other.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    lab("s3").head_bucket(Bucket=name)
    with pytest.raises(ClientError):
        lab("s3").head_bucket(Bucket=name, ExpectedBucketOwner="111122223333")
    other.delete_bucket(Bucket=name)
