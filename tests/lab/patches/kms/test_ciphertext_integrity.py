# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code


def aws_behaviour(clients) -> bool:
    """Whichever bit is changed, it doesn't open; unchanged it does, whatever made it."""
    kms = clients("kms")
    key, context = kms.create_key()["KeyMetadata"]["KeyId"], {"tenant": "one"}
    made = kms.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=context)

    def opened(blob: bytes) -> bytes:
        return kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)["Plaintext"]

    closed = made["CiphertextBlob"]
    whole = opened(closed) == made["Plaintext"]
    for position in (40, 70, len(closed) - 20, len(closed) - 1):
        changed = bytearray(closed)
        changed[position] ^= 1
        refusal = error_code(kms.decrypt, CiphertextBlob=bytes(changed), EncryptionContext=context)
        if refusal != "InvalidCiphertextException":
            return False
    other = error_code(kms.decrypt, CiphertextBlob=closed, EncryptionContext={"tenant": "two"})
    return whole and other == error_code(kms.decrypt, CiphertextBlob=closed) == "InvalidCiphertextException"


def test_kms_ciphertext_integrity(patched_only):
    patched_only("kms.ciphertext_integrity", aws_behaviour)
