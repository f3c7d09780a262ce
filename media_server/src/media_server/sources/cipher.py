# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Encrypt and decrypt streams of any length: AES-256-CTR, and at the end the HMAC-SHA256 of IV and ciphertext.

The first half of the key encrypts, the second authenticates. openssl does both, see docs/runbooks/media-recover.md.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import BinaryIO, Protocol

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from media_server.errors import UnprocessableError

TAG_BYTES = 32
_KEY_BYTES = 32
_CHUNK_BYTES = 1024 * 1024

Tick = Callable[[], None]


class Readable(Protocol):
    """Anything that is read like a file; it may return less than it was asked for."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end."""


class EncryptingReader:
    """Reads `reader` encrypted. `tick` is called often, and may raise an error to end the work."""

    def __init__(self, reader: Readable, key: bytes, iv: bytes, tick: Tick) -> None:
        self._reader = reader
        self._tick = tick
        self._cipher = Cipher(AES(key[:_KEY_BYTES]), CTR(iv)).encryptor()
        self._mac = hmac.new(key[_KEY_BYTES:], iv, "sha256")
        self._left = bytearray()
        self._ended = False

    def read(self, size: int) -> bytes:
        """Return exactly `size` bytes, less only at the end."""
        while len(self._left) < size and not self._ended:
            self._tick()
            chunk = self._cipher.update(self._reader.read(_CHUNK_BYTES))
            self._mac.update(chunk)
            self._ended = not chunk
            self._left += chunk or self._mac.digest()
        taken = bytes(self._left[:size])
        del self._left[:size]
        return taken


def decrypt(reader: Readable, writer: BinaryIO, key: bytes, iv: bytes, tick: Tick) -> None:
    """Write the decrypted stream to `writer`. Raise UnprocessableError if it isn't what was encrypted: don't use it then."""
    cipher = Cipher(AES(key[:_KEY_BYTES]), CTR(iv)).decryptor()
    mac = hmac.new(key[_KEY_BYTES:], iv, "sha256")
    left = b""
    while chunk := reader.read(_CHUNK_BYTES):
        tick()
        left += chunk
        ciphertext, left = left[:-TAG_BYTES], left[-TAG_BYTES:]
        mac.update(ciphertext)
        writer.write(cipher.update(ciphertext))
    if not hmac.compare_digest(mac.digest(), left):
        raise UnprocessableError("source-damaged", "The kept source isn't what was stored, or its key is another one.")
