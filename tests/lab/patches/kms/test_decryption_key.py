# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code


def aws_behaviour(clients) -> bool:
    """A wrong key and one that isn't there are refused; the right one opens by its id, its ARN, or unnamed."""
    kms = clients("kms")
    key, other = (kms.create_key()["KeyMetadata"] for _ in range(2))
    closed = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    opened = {
        kms.decrypt(CiphertextBlob=closed, **named)["Plaintext"]
        for named in ({}, {"KeyId": key["KeyId"]}, {"KeyId": key["Arn"]})
    }
    absent = f"{key['KeyId'][:-4]}0000"
    return (
        opened == {b"x"}
        and error_code(kms.decrypt, CiphertextBlob=closed, KeyId=other["KeyId"]) == "IncorrectKeyException"
        and error_code(kms.decrypt, CiphertextBlob=closed, KeyId=absent) == "NotFoundException"
    )


def test_kms_decryption_key(patched_only):
    patched_only("kms.decryption_key", aws_behaviour)
