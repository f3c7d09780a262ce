# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors

from __future__ import annotations

import json

from botocore.exceptions import ClientError


def _document(sid: str) -> str:
    statement = {"Sid": sid, "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def aws_behaviour(clients) -> bool:
    """An older version can be put in force again, and one that is not there can't."""
    iam = clients("iam", "us-east-1")
    arn = iam.create_policy(PolicyName="versions", PolicyDocument=_document("One"))["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=_document("Two"), SetAsDefault=True)
    try:
        iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
    except ClientError:
        return False
    try:
        iam.set_default_policy_version(PolicyArn=arn, VersionId="v9")
    except ClientError as error:
        found = {
            each["VersionId"]: each["IsDefaultVersion"] for each in iam.list_policy_versions(PolicyArn=arn)["Versions"]
        }
        missing = error.response["Error"]["Code"] == "NoSuchEntity"
        in_force = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        return missing and in_force == "v1" and found == {"v1": True, "v2": False}
    return False


def test_iam_default_policy_versions(patched_only):
    patched_only("iam.default_policy_versions", aws_behaviour)
