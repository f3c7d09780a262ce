# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import json
import time

from tests.support.lags import lagging
from tests.support.rights import ACCOUNT

TRUST = '{"Version": "2012-10-17", "Statement": []}'


def _policy(*principals: str) -> str:
    named = [f"arn:aws:iam::{ACCOUNT}:{principal}" for principal in principals]
    statement = {"Effect": "Allow", "Principal": {"AWS": named}, "Action": "kms:*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _refused(kms, policy: str) -> bool:
    try:
        kms.create_key(Policy=policy)
    except kms.exceptions.MalformedPolicyDocumentException as error:
        return "invalid principals" in str(error)
    return False


def aws_behaviour(clients) -> bool:
    """A policy may name who is there, and a new role after a while."""
    iam, kms = clients("iam", "us-east-1"), clients("kms")
    if not _refused(kms, _policy("root", "role/nobody")) or _refused(kms, _policy("root")):
        return False
    with lagging(clients, iam=1):
        iam.create_role(RoleName="somebody", AssumeRolePolicyDocument=TRUST)
        at_first = _refused(kms, _policy("root", "role/somebody"))
        time.sleep(1.1)
        return at_first and not _refused(kms, _policy("root", "role/somebody"))


def test_kms_policy_principals(patched_only):
    patched_only("kms.policy_principals", aws_behaviour)
