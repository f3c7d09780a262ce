# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""HLS AES-128: AES-CBC with PKCS #7 padding over a whole segment (RFC 8216, 4.3.2.4)."""

from __future__ import annotations

from typing import BinaryIO

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from media_server.isobmff.errors import TamperedError

_BLOCK = 16
# Fits in a core's cache, and is large enough to make the calls' cost negligible.
_CHUNK = 1 << 18


def rekey_stream(
    reader: BinaryIO, writer: BinaryIO, old_key: bytes, old_iv: bytes, new_key: bytes, new_iv: bytes
) -> int:
    """Re-encrypt a segment from `reader` to `writer` with constant memory. Return its size in bytes.

    Raise TamperedError if the length is not a multiple of the block size, or the padding is wrong: the segment was changed,
    or the old key is not the right one (padding detects only 255 of 256 wrong keys: compare the key check value first).
    Discard the output then.
    """
    decryptor = Cipher(algorithms.AES(old_key), modes.CBC(old_iv)).decryptor()
    encryptor = Cipher(algorithms.AES(new_key), modes.CBC(new_iv)).encryptor()
    plain, changed = (bytearray(_CHUNK + 2 * _BLOCK) for _ in range(2))
    total, last = 0, b""
    while chunk := reader.read(_CHUNK):
        done = decryptor.update_into(chunk, plain)
        if done:
            last = bytes(plain[done - _BLOCK : done])
        written = encryptor.update_into(memoryview(plain)[:done], changed)
        writer.write(memoryview(changed)[:written])
        total += len(chunk)
    if not total or total % _BLOCK:
        raise TamperedError(
            f"an encrypted segment of {total} bytes is damaged: its length is not a multiple of the block size"
        )
    if not _is_padded(last):
        raise TamperedError("the padding is wrong: the segment was changed, or encrypted under another key")
    return total


def _is_padded(block: bytes) -> bool:
    count = block[-1]
    return 1 <= count <= _BLOCK and block.endswith(bytes([count]) * count)
