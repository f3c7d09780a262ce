# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import json

from botocore.exceptions import ClientError


def _may_encrypt(kms, key_id: str) -> bool:
    try:
        kms.encrypt(KeyId=key_id, Plaintext=b"x")
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("AccessDeniedException", "AccessDenied"):
            raise
        return False
    return True


def aws_behaviour(clients) -> bool:
    """A policy that names an alias allows the key with that alias, and no other key."""
    iam, kms = clients("iam", "us-east-1"), clients("kms")
    wanted, other = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    kms.create_alias(AliasName="alias/lab-wanted", TargetKeyId=wanted)
    kms.create_alias(AliasName="alias/lab-other", TargetKeyId=other)
    statement = {
        "Effect": "Allow",
        "Action": "kms:Encrypt",
        "Resource": "arn:aws:kms:*:111122223333:key/*",
        "Condition": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/lab-wanted"}},
    }
    iam.create_user(UserName="alias-user")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="alias-user", PolicyName="p", PolicyDocument=policy)
    made = iam.create_access_key(UserName="alias-user")["AccessKey"]
    as_user = clients("kms", key=(made["AccessKeyId"], made["SecretAccessKey"]))
    return _may_encrypt(as_user, wanted) and not _may_encrypt(as_user, other)


def test_kms_resource_aliases(patched_only):
    patched_only("kms.resource_aliases", aws_behaviour)
