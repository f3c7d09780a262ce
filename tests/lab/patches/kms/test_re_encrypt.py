# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import time

from botocore.exceptions import ClientError

from tests.support.answers import error_code


def _opened(kms, closed: bytes, **named) -> bytes | None:
    try:
        return kms.decrypt(CiphertextBlob=closed, **named)["Plaintext"]
    except ClientError:
        return None


def aws_behaviour(clients) -> bool:
    """To the same key, to another, across the replicas of one; by no other key, under no other context, with no disabled one."""
    here, there = clients("kms"), clients("kms", "eu-central-1")
    old, new = (here.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"] for _ in range(2))
    for key in (old, new):
        here.replicate_key(KeyId=key, ReplicaRegion="eu-central-1")
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and there.describe_key(KeyId=new)["KeyMetadata"]["KeyState"] != "Enabled":
        time.sleep(0.2)
    single, one, two = here.create_key()["KeyMetadata"]["KeyId"], {"tenant": "one"}, {"tenant": "two"}
    closed = here.encrypt(KeyId=old, Plaintext=b"x", EncryptionContext=one)["CiphertextBlob"]
    try:
        same = here.re_encrypt(
            CiphertextBlob=closed, SourceEncryptionContext=one, DestinationKeyId=old, DestinationEncryptionContext=two
        )
    except ClientError:
        return False
    source = {"CiphertextBlob": same["CiphertextBlob"], "SourceKeyId": old, "SourceEncryptionContext": two}
    target = {"DestinationKeyId": new, "DestinationEncryptionContext": two}
    moved = there.re_encrypt(**source, **target)["CiphertextBlob"]
    right = (
        same["SourceKeyId"] == same["KeyId"]
        and same["KeyId"].endswith(old)
        and _opened(here, moved, EncryptionContext=two) == b"x"
        and _opened(there, moved, EncryptionContext=two, KeyId=new) == b"x"
        and _opened(here, moved, EncryptionContext=two, KeyId=old) is None
        and _opened(here, moved, EncryptionContext=one) is None
    )
    wrong = [
        error_code(here.re_encrypt, **source | {"SourceKeyId": single}, **target),
        error_code(here.re_encrypt, **source | {"SourceEncryptionContext": one}, **target),
        error_code(there.re_encrypt, **source, **target | {"DestinationKeyId": single}),
    ]
    here.disable_key(KeyId=old)
    wrong.append(error_code(here.re_encrypt, **source, **target))
    from_there = there.re_encrypt(**source, **target)  # a replica is disabled by itself
    here.disable_key(KeyId=new)
    there_only = _opened(here, from_there["CiphertextBlob"], EncryptionContext=two)
    expected = ["IncorrectKeyException", "InvalidCiphertextException", "NotFoundException", "DisabledException"]
    return right and wrong == expected and there_only is None


def test_kms_re_encrypt(patched_only):
    patched_only("kms.re_encrypt", aws_behaviour)
