# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import uuid

from tests.support.rights import ACCOUNT, allowed, user_with


def aws_behaviour(clients) -> bool:
    """A right on a key holds under its alias; an alias is made with the right on it and on its key."""
    kms, name = clients("kms"), f"alias/checked-{uuid.uuid4().hex[:8]}"
    key = kms.create_key()["KeyMetadata"]
    alias = f"arn:aws:kms:*:{ACCOUNT}:{name}"
    kms.create_alias(AliasName=name, TargetKeyId=key["KeyId"])
    _, of_key = user_with(clients, [{"Action": ["kms:DescribeKey", "kms:CreateAlias"], "Resource": key["Arn"]}])
    _, of_alias = user_with(clients, [{"Action": ["kms:DescribeKey", "kms:CreateAlias"], "Resource": f"{alias}*"}])
    _, of_both = user_with(clients, [{"Action": "kms:CreateAlias", "Resource": [key["Arn"], f"{alias}*"]}])

    def may_name(user, number: int) -> bool:
        return allowed(clients("kms", key=user).create_alias, AliasName=f"{name}-{number}", TargetKeyId=key["KeyId"])

    return (
        allowed(clients("kms", key=of_key).describe_key, KeyId=name)
        and not allowed(clients("kms", key=of_alias).describe_key, KeyId=name)
        and may_name(of_both, 1)
        and not may_name(of_key, 2)
        and not may_name(of_alias, 3)
    )


def test_kms_alias_checked(patched_only):
    patched_only("kms.alias_checked", aws_behaviour)
