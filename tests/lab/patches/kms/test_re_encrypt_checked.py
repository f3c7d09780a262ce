# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.rights import allowed, user_with


def aws_behaviour(clients) -> bool:
    """The right to open with one key and the right to close with the other are wanted, both, under their own contexts."""
    kms = clients("kms")
    old, new = (kms.create_key()["KeyMetadata"] for _ in range(2))
    context = {"tenant": "one"}
    closed = kms.encrypt(KeyId=old["KeyId"], Plaintext=b"x", EncryptionContext=context)["CiphertextBlob"]
    opens = {"Action": "kms:ReEncryptFrom", "Resource": old["Arn"]}
    closes = {"Action": "kms:ReEncryptTo", "Resource": new["Arn"]}
    named = {"Condition": {"StringEquals": {"kms:EncryptionContext:tenant": "one"}}}

    def may(*statements, to: dict = context) -> bool:
        _, key = user_with(clients, statements)
        return allowed(
            clients("kms", key=key).re_encrypt,
            CiphertextBlob=closed,
            SourceEncryptionContext=context,
            DestinationKeyId=new["KeyId"],
            DestinationEncryptionContext=to,
        )

    return (
        may(opens, closes)
        and may(opens | named, closes | named)
        and not may(opens | named, closes | named, to={"tenant": "two"})
        and not may(opens)
        and not may(closes)
        and not may({"Action": "kms:ReEncrypt", "Resource": "*"})
        and not may(opens | {"Resource": new["Arn"]}, closes | {"Resource": old["Arn"]})
    )


def test_kms_re_encrypt_checked(patched_only):
    patched_only("kms.re_encrypt_checked", aws_behaviour)
