# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Wrap keys with keys (AES key wrap, RFC 3394, 256-bit key-encrypting key), and identify keys by their check value."""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from media_server.errors import UnprocessableError

_CHECKED_BYTES = 5
# The key of a kept source is two keys in one, of which the first is checked.
_MOST_KEY_BYTES = 32


class WrongKeyError(UnprocessableError):
    """The key does not unwrap the wrapped key, or is not the key that was stored."""


def wrap(kek: bytes, key: bytes) -> bytes:
    """Wrap `key` with `kek` (RFC 3394, section 2.2.1). The result is 8 bytes longer."""
    return aes_key_wrap(kek, key)


def unwrap(kek: bytes, wrapped: bytes) -> bytes:
    """Unwrap a key with `kek` (RFC 3394, section 2.2.2). Raise WrongKeyError."""
    try:
        return aes_key_unwrap(kek, wrapped)
    except (InvalidUnwrap, ValueError):
        raise WrongKeyError("wrong-key", "The key doesn't unwrap the wrapped key.") from None


def check_value(key: bytes) -> str:
    """Return the key check value in hexadecimal: the first 5 bytes of AES-CMAC over a zero block (ANSI X9.24-1, annex A).

    It detects a wrong content key before anything is decrypted; CBC padding alone misses one wrong key in 256.
    """
    mac = CMAC(AES(key[:_MOST_KEY_BYTES]))
    mac.update(bytes(16))
    return mac.finalize()[:_CHECKED_BYTES].hex()


def require_check_value(key: bytes, expected: str) -> None:
    """Raise WrongKeyError if the key doesn't have the stored check value."""
    if not bytes_eq(check_value(key).encode(), expected.encode()):
        raise WrongKeyError("wrong-key", "The key's check value differs from the stored one.")
