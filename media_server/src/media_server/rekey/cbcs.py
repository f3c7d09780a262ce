# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""`cbcs`: AES-CBC over a pattern of blocks, with the same IV at the start of each subsample (ISO/IEC 23001-7, 10.4).

The blocks of a whole segment are decrypted in one call: CBC decryption is ECB and an XOR with the previous block, which numpy
does for all blocks at once. With small samples, one call per sample would cost more than AES.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from media_server.isobmff.fragments import Sample
from media_server.isobmff.track import Track

_BLOCK = 16
_BLOCKS = np.dtype((np.void, _BLOCK))


def rekey_samples(data: bytearray, track: Track, samples: Iterable[Sample], old_key: bytes, new_key: bytes) -> None:
    """Re-encrypt the samples in place."""
    ranges = [(start, end, sample.iv or track.constant_iv) for sample in samples for start, end in sample.ranges]
    if not ranges:
        return
    starts, ends = (np.array([part[side] for part in ranges]) for side in (0, 1))
    offsets, firsts = _offsets(track, starts, ends)
    if not len(offsets):
        return
    # A view of the 16 bytes that begin at each byte, because a block may begin anywhere.
    blocks = np.ndarray((len(data) - _BLOCK + 1,), _BLOCKS, buffer=data, strides=(1,))
    ivs = [iv for _, _, iv in ranges]
    plain = _decrypted(blocks[offsets], firsts[:-1], ivs, old_key)
    blocks[offsets] = _encrypted(plain, firsts, ivs, new_key)


def _offsets(track: Track, starts: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the offsets of the encrypted blocks, and the index of the first block of each range (the last entry is the total).

    Of each `crypt + skip` blocks the first `crypt` are encrypted; a partial block at the end is not.
    """
    crypt, skip = track.crypt_blocks, track.skip_blocks
    if not skip:
        crypt = 1
    whole = (ends - starts) // _BLOCK
    counts = whole // (crypt + skip) * crypt + np.minimum(whole % (crypt + skip), crypt)
    firsts = np.concatenate(([0], np.cumsum(counts)))
    within = np.arange(firsts[-1]) - np.repeat(firsts[:-1], counts)
    within += within // crypt * skip
    return np.repeat(starts, counts) + within * _BLOCK, firsts


def _decrypted(blocks: np.ndarray, firsts: np.ndarray, ivs: list[bytes], key: bytes) -> bytes:
    plain = Cipher(algorithms.AES(key), modes.ECB()).decryptor().update(blocks.view(np.uint8))
    before = np.empty_like(blocks)
    before[1:] = blocks[:-1]
    # A range that is shorter than a block has no first block.
    has_blocks = np.diff(np.append(firsts, len(blocks))) > 0
    before[firsts[has_blocks]] = np.frombuffer(b"".join(ivs), _BLOCKS)[has_blocks]
    return np.bitwise_xor(np.frombuffer(plain, np.uint64), before.view(np.uint64))


def _encrypted(plain: np.ndarray, firsts: np.ndarray, ivs: list[bytes], key: bytes) -> np.ndarray:
    """Encrypt range by range: each block depends on the previous one."""
    aes = algorithms.AES(key)
    ciphers = {iv: Cipher(aes, modes.CBC(iv)) for iv in set(ivs)}
    view = memoryview(plain).cast("B")
    changed = bytearray(len(view) + _BLOCK)
    target = memoryview(changed)
    bounds = (firsts * _BLOCK).tolist()
    for number, iv in enumerate(ivs):
        start, end = bounds[number], bounds[number + 1]
        if end > start:
            # `update_into` needs a buffer one block longer than what it writes.
            ciphers[iv].encryptor().update_into(view[start:end], target[start:])
    return np.frombuffer(changed, _BLOCKS, len(view) // _BLOCK)
