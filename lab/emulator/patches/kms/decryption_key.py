# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A ciphertext opens with the key that is named, or not at all.

On AWS Decrypt with the KeyId of another key answers IncorrectKeyException, with one of no key NotFoundException. The emulator
deciphers with whatever key is named, into noise, and takes the ciphertext's own key for one that does not exist.
https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html
"""

from __future__ import annotations

import ministack.services.kms as kms
from ministack.core.responses import error_response_json

from lab.emulator.patches.kms._ciphertexts import blob, key_id_of


def apply() -> None:
    decrypt = kms._decrypt

    def decrypt_with(data):
        name = data.get("KeyId")
        if not name:
            return decrypt(data)
        key = kms._resolve_key(name)
        if key is None:
            return error_response_json("NotFoundException", f"Key '{name}' does not exist", 400)
        if "_symmetric_key" in key and key_id_of(blob(data.get("CiphertextBlob", ""))) != key["KeyId"]:
            message = "The key ID in the request does not identify a CMK that can perform this operation."
            return kms._check_key_state(key) or error_response_json("IncorrectKeyException", message, 400)
        return decrypt(data)

    kms._decrypt = decrypt_with
