# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""`cbcs`: AES-CBC over a pattern of blocks, begun anew with the same IV in each subsample (ISO/IEC 23001-7, 10.4)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from media_server.isobmff.fragments import Sample
from media_server.isobmff.track import Track

_BLOCK = 16
_BLOCKS = np.dtype((np.void, _BLOCK))


def rekey_samples(data: bytearray, track: Track, samples: Iterable[Sample], old_key: bytes, new_key: bytes) -> None:
    """Change the samples in place."""
    old, new = algorithms.AES(old_key), algorithms.AES(new_key)
    for sample in samples:
        mode = modes.CBC(sample.iv or track.constant_iv)
        decryption, encryption = Cipher(old, mode), Cipher(new, mode)
        for start, end in sample.ranges:
            # What is left after the last whole block is not encrypted.
            blocks = np.frombuffer(data, _BLOCKS, (end - start) // _BLOCK, start)
            pattern = _pattern(track, len(blocks))
            plain = decryption.decryptor().update(blocks[pattern].tobytes())
            blocks[pattern] = np.frombuffer(encryption.encryptor().update(plain), _BLOCKS)


def _pattern(track: Track, count: int) -> slice | np.ndarray:
    """Which blocks of a range are encrypted: of each `crypt + skip` the first `crypt`, fewer at the end."""
    crypt, skip = track.crypt_blocks, track.skip_blocks
    if not skip or crypt == 1:
        return slice(None, None, 1 + skip)
    return np.flatnonzero(np.arange(count) % (crypt + skip) < crypt)
