# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Wraps keys by keys (RFC 3394, with a key-encrypting key of 256 bits), and tells keys apart by their check value."""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from media_server.errors import UnprocessableError

_CHECKED_BYTES = 5


class WrongKeyError(UnprocessableError):
    """A wrap that this key doesn't open, or a key that isn't the one that was stored."""


def wrap(kek: bytes, key: bytes) -> bytes:
    """`key` wrapped by `kek`: RFC 3394, section 2.2.1, 8 bytes longer."""
    return aes_key_wrap(kek, key)


def unwrap(kek: bytes, wrapped: bytes) -> bytes:
    """What was wrapped by `kek`: RFC 3394, section 2.2.2. Raises WrongKeyError."""
    try:
        return aes_key_unwrap(kek, wrapped)
    except (InvalidUnwrap, ValueError):
        raise WrongKeyError("wrong-key", "The key doesn't open the wrap.") from None


def check_value(key: bytes) -> str:
    """The key's check value in hexadecimal: the first 5 bytes of AES-CMAC over a block of zeros (ANSI X9.24-1, annex A).

    A wrong content key is found by it before anything is decrypted: a CBC padding alone misses one wrong key in 256.
    """
    mac = CMAC(AES(key))
    mac.update(bytes(16))
    return mac.finalize()[:_CHECKED_BYTES].hex()


def require_check_value(key: bytes, expected: str) -> None:
    """Raises WrongKeyError where the key isn't the one whose check value was stored."""
    if not bytes_eq(check_value(key).encode(), expected.encode()):
        raise WrongKeyError("wrong-key", "The key's check value is another one than was stored.")
