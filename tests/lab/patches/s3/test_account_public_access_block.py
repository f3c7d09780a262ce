# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import json

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import send_to_address

from tests.support.answers import error_code

BUCKET = "lab-account-public-access"
BLOCKED = dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True)


def aws_behaviour(clients) -> bool:
    """The account's block is one for all regions, and refuses public policies whatever the bucket's own block says."""
    s3, control, elsewhere = clients("s3"), clients("s3control"), clients("s3control", "eu-central-1")
    for client in (control, elsewhere):
        send_to_address(client)
    account = {"AccountId": "111122223333"}
    error_code(control.delete_public_access_block, **account)  # whatever ran in the lab before
    if error_code(control.get_public_access_block, **account) != "NoSuchPublicAccessBlockConfiguration":
        return False
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "me-west-1"})
    s3.delete_public_access_block(Bucket=BUCKET)
    public = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [public]})
    open_before = error_code(s3.put_bucket_policy, Bucket=BUCKET, Policy=policy)
    control.put_public_access_block(**account, PublicAccessBlockConfiguration=BLOCKED)
    seen = elsewhere.get_public_access_block(**account)["PublicAccessBlockConfiguration"]
    refused = error_code(s3.put_bucket_policy, Bucket=BUCKET, Policy=policy)
    control.delete_public_access_block(**account)
    gone = error_code(control.get_public_access_block, **account)
    return (open_before, seen, refused, gone) == (
        None,
        BLOCKED,
        "AccessDenied",
        "NoSuchPublicAccessBlockConfiguration",
    )


def test_s3_account_public_access_block(patched_only):
    patched_only("s3.account_public_access_block", aws_behaviour)
