# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import json

from botocore.exceptions import ClientError

ROLE = "lab-principal-arn"


def _policy(**statement) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow"} | statement]})


def _may_list(clients, keys: dict, policy: str) -> bool:
    clients("iam", "us-east-1").put_role_policy(RoleName=ROLE, PolicyName="p", PolicyDocument=policy)
    s3 = clients("s3", key=(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]))
    try:
        s3.list_buckets()
    except ClientError:
        return False
    return True


def aws_behaviour(clients) -> bool:
    """A statement that names the role's ARN is for its sessions, and one that names a session's ARN is for nobody."""
    iam = clients("iam", "us-east-1")
    anyone = _policy(Principal={"AWS": "arn:aws:iam::111122223333:root"}, Action="sts:AssumeRole")
    arn = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=anyone)["Role"]["Arn"]
    made = clients("sts").assume_role(RoleArn=arn, RoleSessionName="session")
    session_arn = made["AssumedRoleUser"]["Arn"]

    def policy(principal: str) -> str:
        return _policy(
            Action="s3:ListAllMyBuckets", Resource="*", Condition={"ArnEquals": {"aws:PrincipalArn": principal}}
        )

    keys = made["Credentials"]
    return _may_list(clients, keys, policy(arn)) and not _may_list(clients, keys, policy(session_arn))


def test_principal_arn_of_sessions(patched_only):
    patched_only("iam.principal_arn_of_sessions", aws_behaviour)
