# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""`cenc`: AES-CTR over the encrypted ranges of a sample, as one stream (ISO/IEC 23001-7, 10.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from media_server.isobmff.fragments import Sample
from media_server.isobmff.track import Track

_BLOCK = 16


def rekey_samples(data: bytearray, track: Track, samples: Iterable[Sample], old_key: bytes, new_key: bytes) -> None:
    """Re-encrypt the samples in place."""
    # Contexts are created once: for small samples that costs more than the cipher.
    contexts = [Cipher(algorithms.AES(key), modes.CTR(bytes(_BLOCK))).encryptor() for key in (old_key, new_key)]
    view = memoryview(data)
    for sample in samples:
        for counter, ranges in _runs(sample):
            for context in contexts:
                context.reset_nonce(counter)
                for start, end in ranges:
                    part = view[start:end]
                    context.update_into(part, part)


def _runs(sample: Sample) -> Iterator[tuple[bytes, list[tuple[int, int]]]]:
    """Yield the initial counter and the ranges to process with it: two runs if the counter wraps.

    The counter is the last 8 bytes and wraps around by itself; OpenSSL counts with all 16.
    """
    counter = sample.iv.ljust(_BLOCK, b"\0")
    room = ((1 << 64) - int.from_bytes(counter[8:])) * _BLOCK
    if len(sample.iv) == 8 or room >= sum(end - start for start, end in sample.ranges):
        yield counter, sample.ranges
        return
    before, after = [], []
    for start, end in sample.ranges:
        middle = min(end, start + room)
        room -= middle - start
        before.append((start, middle))
        after.append((middle, end))
    yield counter, before
    yield counter[:8] + bytes(8), after
