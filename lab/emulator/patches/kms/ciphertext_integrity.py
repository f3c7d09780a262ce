# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A ciphertext that was changed is refused.

AWS KMS encrypts with AES-GCM: one changed bit, and Decrypt answers InvalidCiphertextException. The emulator only has a hash of
the encryption context to compare, and deciphers what was changed into something else.
https://docs.aws.amazon.com/kms/latest/developerguide/kms-cryptography.html
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import ministack.services.kms as kms
from ministack.core.responses import error_response_json

from lab.emulator.patches.kms._ciphertexts import blob, key_id_of

_TAG_BYTES = 16
_SEALED = (
    *("_encrypt", "_generate_data_key", "_generate_data_key_without_plaintext"),
    *("_generate_data_key_pair", "_generate_data_key_pair_without_plaintext"),
)


def _tag(key: dict, ciphertext: bytes) -> bytes:
    return hmac.new(key["_symmetric_key"], b"seal" + ciphertext, hashlib.sha256).digest()[:_TAG_BYTES]


def _sealing(handler):
    def sealed(data):
        status, headers, body = handler(data)
        key = kms._resolve_key(data.get("KeyId", ""))
        if status != 200 or not key or "_symmetric_key" not in key:
            return status, headers, body
        answer = json.loads(body)
        for name in {"CiphertextBlob", "PrivateKeyCiphertextBlob"} & set(answer):
            ciphertext = base64.b64decode(answer[name])
            answer[name] = base64.b64encode(ciphertext + _tag(key, ciphertext)).decode()
        return status, headers, json.dumps(answer).encode()

    return sealed


def apply() -> None:
    for name in _SEALED:
        setattr(kms, name, _sealing(getattr(kms, name)))
    decrypt = kms._decrypt

    def unsealed(data):
        sealed = blob(data.get("CiphertextBlob", ""))
        key = kms._resolve_key(data.get("KeyId") or key_id_of(sealed))
        if not key or "_symmetric_key" not in key:
            return decrypt(data)
        ciphertext, tag = sealed[:-_TAG_BYTES], sealed[-_TAG_BYTES:]
        if not hmac.compare_digest(tag, _tag(key, ciphertext)):
            return kms._check_key_state(key) or error_response_json("InvalidCiphertextException", "", 400)
        return decrypt(data | {"CiphertextBlob": base64.b64encode(ciphertext).decode()})

    kms._decrypt = unsealed
