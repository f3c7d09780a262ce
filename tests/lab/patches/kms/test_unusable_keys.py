# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code


def _uses(kms, key: str, closed: bytes) -> set:
    """Return what each use of the key is answered with."""
    return {
        error_code(kms.encrypt, KeyId=key, Plaintext=b"x"),
        error_code(kms.decrypt, CiphertextBlob=closed),
        error_code(kms.decrypt, CiphertextBlob=closed, KeyId=key),
        error_code(kms.generate_data_key, KeyId=key, KeySpec="AES_256"),
        error_code(kms.generate_data_key_without_plaintext, KeyId=key, KeySpec="AES_256"),
        error_code(kms.enable_key_rotation, KeyId=key),
        error_code(kms.disable_key_rotation, KeyId=key),
    }


def aws_behaviour(clients) -> bool:
    """Disabled, pending deletion, pending its replicas' deletion: refused everywhere."""
    kms = clients("kms")
    key, primary = kms.create_key()["KeyMetadata"]["KeyId"], kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    closed = {name: kms.encrypt(KeyId=name, Plaintext=b"x")["CiphertextBlob"] for name in (key, primary)}
    kms.disable_key(KeyId=key)
    disabled = _uses(kms, key, closed[key])
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    pending = _uses(kms, key, closed[key])
    kms.replicate_key(KeyId=primary, ReplicaRegion="eu-central-1")
    kms.schedule_key_deletion(KeyId=primary, PendingWindowInDays=7)
    waiting = _uses(kms, primary, closed[primary])
    return (disabled, pending, waiting) == (
        {"DisabledException"},
        {"KMSInvalidStateException"},
        {"KMSInvalidStateException"},
    )


def test_kms_unusable_keys(patched_only):
    patched_only("kms.unusable_keys", aws_behaviour)
