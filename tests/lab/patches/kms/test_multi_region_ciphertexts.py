# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.rights import allowed, user_with


def aws_behaviour(clients) -> bool:
    """The right to one multi-Region key opens its ciphertexts without naming it, and no other key's."""
    kms = clients("kms")
    key, other = (kms.create_key(MultiRegion=True)["KeyMetadata"] for _ in range(2))
    _, holder = user_with(clients, [{"Action": "kms:Decrypt", "Resource": key["Arn"]}])

    def may_open(made: dict) -> bool:
        closed = kms.encrypt(KeyId=made["KeyId"], Plaintext=b"x")["CiphertextBlob"]
        return allowed(clients("kms", key=holder).decrypt, CiphertextBlob=closed)

    return may_open(key) and not may_open(other)


def test_kms_multi_region_ciphertexts(patched_only):
    patched_only("kms.multi_region_ciphertexts", aws_behaviour)
