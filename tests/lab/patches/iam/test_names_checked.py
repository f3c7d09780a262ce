# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import json

from botocore.exceptions import ClientError

from tests.support.rights import ACCOUNT, allowed, user_with


def aws_behaviour(clients) -> bool:
    """A user who may make some instance profiles and policies makes those, and no others; listing takes a right to the path."""
    names, path = (f"arn:aws:iam::{ACCOUNT}:instance-profile/{name}" for name in ("ours-*", ""))
    for resource, may in ((names, False), (path, True)):
        _, key = user_with(clients, [{"Action": "iam:ListInstanceProfiles", "Resource": resource}])
        if allowed(clients("iam", "us-east-1", key=key).list_instance_profiles) != may:
            return False
    iam = clients("iam", "us-east-1")
    iam.create_user(UserName="profiler")
    statement = {
        "Effect": "Allow",
        "Action": ["iam:CreateInstanceProfile", "iam:DeleteInstanceProfile", "iam:CreatePolicy"],
        "Resource": [f"arn:aws:iam::{ACCOUNT}:{kind}/ours-*" for kind in ("instance-profile", "policy")],
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="profiler", PolicyName="own", PolicyDocument=policy)
    made = iam.create_access_key(UserName="profiler")["AccessKey"]
    own = clients("iam", "us-east-1", key=(made["AccessKeyId"], made["SecretAccessKey"]))
    try:
        own.create_instance_profile(InstanceProfileName="ours-one")
        own.delete_instance_profile(InstanceProfileName="ours-one")
        own.create_policy(PolicyName="ours-one", PolicyDocument=policy)
    except ClientError:
        return False
    try:
        own.create_instance_profile(InstanceProfileName="theirs")
    except ClientError as error:
        return error.response["Error"]["Code"] == "AccessDenied"
    return False


def test_iam_names_checked(patched_only):
    patched_only("iam.names_checked", aws_behaviour)
