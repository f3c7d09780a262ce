# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors

from __future__ import annotations

import uuid

from tests.support.rights import ACCOUNT, allowed, user_with

_OURS = [{"TagKey": "platform", "TagValue": "kc"}]
_REQUESTED = {"StringEquals": {"aws:RequestTag/platform": "kc"}}
_HELD = {"StringEquals": {"aws:ResourceTag/platform": "kc"}}


def _keys(clients, *statements: dict) -> list[bool]:
    """Whether a key can be made without tags, with the platform's, and with another's."""
    create = {"Action": "kms:CreateKey", "Resource": "*"}
    user = clients("kms", key=user_with(clients, [create, *statements])[1])
    other = [{"TagKey": "platform", "TagValue": "other"}]
    return [allowed(user.create_key), allowed(user.create_key, Tags=_OURS), allowed(user.create_key, Tags=other)]


def _secret(clients, *statements: dict) -> bool:
    create = {"Action": "secretsmanager:CreateSecret", "Resource": f"arn:aws:secretsmanager:*:{ACCOUNT}:secret:kc/*"}
    user = clients("secretsmanager", key=user_with(clients, [create, *statements])[1])
    tags = [{"Key": "platform", "Value": "kc"}]
    return allowed(user.create_secret, Name=f"kc/{uuid.uuid4().hex[:8]}", SecretString="s", Tags=tags)


def aws_behaviour(clients) -> bool:
    """What is made with tags takes the right to tag it, which no condition on the tags it has gives."""
    tag = {"Action": "kms:TagResource", "Resource": f"arn:aws:kms:*:{ACCOUNT}:key/*"}
    own = {"Action": "secretsmanager:TagResource", "Resource": f"arn:aws:secretsmanager:*:{ACCOUNT}:secret:kc/*"}
    return (
        _keys(clients) == [True, False, False]
        and _keys(clients, tag | {"Condition": _HELD}) == [True, False, False]
        and _keys(clients, tag | {"Condition": _REQUESTED}) == [True, True, False]
        and [_secret(clients), _secret(clients, own)] == [False, True]
    )


def test_iam_tags_on_creation(patched_only):
    patched_only("iam.tags_on_creation", aws_behaviour)
