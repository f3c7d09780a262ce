# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import json

from botocore.exceptions import ClientError

BUCKET = "lab-encryption-conditions"
KEY = "arn:aws:kms:me-west-1:111122223333:key/00000000-1111-2222-3333-444444444444"


def _deny(sid: str, condition: dict) -> dict:
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{BUCKET}/*",
        "Condition": condition,
    }


def _refused(s3, **arguments) -> bool:
    try:
        s3.put_object(Bucket=BUCKET, Key="k", Body=b"x", **arguments)
    except ClientError as error:
        return error.response["Error"]["Code"] == "AccessDenied"
    return False


def _upload(s3, **arguments) -> None:
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="large", **arguments)["UploadId"]
    part = s3.upload_part(Bucket=BUCKET, Key="large", UploadId=upload, PartNumber=1, Body=b"x")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(Bucket=BUCKET, Key="large", UploadId=upload, MultipartUpload=parts)


def aws_behaviour(clients) -> bool:
    """A put under another key or the customer's own is refused; one under the key, or with no word on it, is taken."""
    s3 = clients("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "me-west-1"})
    key_header = "s3:x-amz-server-side-encryption-aws-kms-key-id"
    sse_header = "s3:x-amz-server-side-encryption"
    customer_header = "s3:x-amz-server-side-encryption-customer-algorithm"
    statements = [
        _deny("OtherKeys", {"StringNotEquals": {key_header: [KEY]}, "Null": {key_header: "false"}}),
        _deny("UnnamedKeys", {"StringEquals": {sse_header: "aws:kms"}, "Null": {key_header: "true"}}),
        _deny("CustomerKeys", {"Null": {customer_header: "false"}}),
    ]
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))
    other = _refused(s3, ServerSideEncryption="aws:kms", SSEKMSKeyId=KEY.replace("0000", "9999"))
    customer = _refused(s3, SSECustomerAlgorithm="AES256", SSECustomerKey="k" * 32)
    own = _refused(s3, ServerSideEncryption="aws:kms", SSEKMSKeyId=KEY)
    if not (other and customer) or own or _refused(s3):
        return False
    _upload(s3)
    _upload(s3, ServerSideEncryption="aws:kms", SSEKMSKeyId=KEY)
    return True


def test_s3_encryption_conditions(patched_only):
    patched_only("s3.encryption_conditions", aws_behaviour)
