# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read the key that a ciphertext names, and the condition keys of an encryption context: shared by the patches of KMS."""

from __future__ import annotations

import base64
import binascii

# The emulator's layout of a symmetric ciphertext: key id, hash of the encryption context, nonce, data.
_ID_BYTES, _HEADER_BYTES = 36, 36 + 32 + 16


def blob(encoded: str) -> bytes:
    """Return a ciphertext of a request; empty where it isn't base64."""
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return b""


def key_id_of(ciphertext: bytes) -> str:
    """Return the id of the key that a symmetric ciphertext names; empty where it can't be one."""
    return ciphertext[:_ID_BYTES].decode("ascii", "ignore") if len(ciphertext) > _HEADER_BYTES else ""


def context_keys(context: dict) -> dict:
    """Return the condition keys of a request with this encryption context."""
    keys: dict = {f"kms:EncryptionContext:{name}": value for name, value in context.items()}
    return keys | ({"kms:EncryptionContextKeys": list(context)} if context else {})
