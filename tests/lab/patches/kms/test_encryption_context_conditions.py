# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.rights import allowed, user_with


def aws_behaviour(clients) -> bool:
    """Who may use a key under one context only, may not under another one, nor without."""
    kms = clients("kms")
    key = kms.create_key()["KeyMetadata"]
    conditions = {
        "StringEquals": {"kms:EncryptionContext:purpose": "media"},
        "ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["purpose", "tenant"]},
    }
    _, holder = user_with(clients, [{"Action": "kms:Encrypt", "Resource": key["Arn"], "Condition": conditions}])

    def may(**context) -> bool:
        encrypt = clients("kms", key=holder).encrypt
        return allowed(encrypt, KeyId=key["KeyId"], Plaintext=b"x", EncryptionContext=context)

    return (
        may(purpose="media", tenant="one")
        and not may(purpose="other", tenant="one")
        and not may(purpose="media", more="x")
        and not may()
    )


def test_kms_encryption_context_conditions(patched_only):
    patched_only("kms.encryption_context_conditions", aws_behaviour)
