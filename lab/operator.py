# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The IAM user under whose keys the lab's playbooks run."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import boto3
from botocore.config import Config

USER = "platform-operator"

# The services that the playbooks call. Part 2 of the project replaces this by the derived operator policy.
_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                f"{service}:*"
                for service in (
                    "account",
                    "acm",
                    "dynamodb",
                    "ec2",
                    "iam",
                    "kms",
                    "logs",
                    "route53",
                    "s3",
                    "servicequotas",
                    "sts",
                    "tag",
                )
            ],
            "Resource": "*",
        }
    ],
}


def ensure(file: Path, endpoint: str, certificate_authority: Path, account_id: str, region: str) -> dict[str, str]:
    """Create the user and its access key where they are missing; returns the key (`access_key_id`, `secret`).

    The key is kept in `file` (mode 0600), since IAM never shows a secret twice.
    """
    client = boto3.client(
        "iam",
        endpoint_url=endpoint,
        region_name=region,
        verify=str(certificate_authority),
        aws_access_key_id=account_id,  # the emulator's root user of that account
        aws_secret_access_key="unused-by-the-emulator",
        config=Config(retries={"max_attempts": 1}),
    )
    kept = json.loads(file.read_text()) if file.exists() else None
    with contextlib.suppress(client.exceptions.EntityAlreadyExistsException):
        client.create_user(UserName=USER)
    client.put_user_policy(UserName=USER, PolicyName="platform-services", PolicyDocument=json.dumps(_POLICY))
    keys = client.list_access_keys(UserName=USER)["AccessKeyMetadata"]
    if kept and any(key["AccessKeyId"] == kept["access_key_id"] for key in keys):
        return kept
    for key in keys:
        client.delete_access_key(UserName=USER, AccessKeyId=key["AccessKeyId"])
    created = client.create_access_key(UserName=USER)["AccessKey"]
    kept = {"access_key_id": created["AccessKeyId"], "secret": created["SecretAccessKey"]}
    file.touch(mode=0o600)
    file.write_text(json.dumps(kept))
    return kept
