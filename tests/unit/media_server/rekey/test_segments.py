# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Segments built in the test, encrypted and decrypted by openssl: which bytes change, and to what."""

from __future__ import annotations

import os
import random

import pytest
from media_server.isobmff.fragments import read_samples
from media_server.rekey import TamperedError, read_track, rekey_init, rekey_segment

from tests.unit.media_server.isobmff.building import CENC, KID, Segment, init, pssh, tenc
from tests.unit.media_server.rekey.openssl import aes

OLD_KEY, NEW_KEY, NEW_KID, CONSTANT = (bytes(range(start, start + 16)) for start in (16, 32, 48, 64))


def test_init_names_the_new_key_only():
    data = init(psshs=[pssh(), pssh()])
    changed = rekey_init(data, NEW_KID)
    assert changed == data.replace(KID, NEW_KID)
    assert changed.count(NEW_KID) == 3
    assert read_track(changed).kid == NEW_KID


def segment_of(sizes: list[tuple[int, ...]], ivs: tuple[bytes, ...]) -> Segment:
    return Segment(
        sizes=tuple(map(sum, sizes)), subsamples=tuple(sizes), ivs=ivs, payload=os.urandom(sum(map(sum, sizes)))
    )


def protected(data: bytes, track, sample: int) -> list[bytes]:
    """Return the encrypted ranges of a sample."""
    return [data[start:end] for start, end in list(read_samples(data, track))[sample].ranges]


@pytest.mark.parametrize(
    "iv", [b"12345678", random.Random(1).randbytes(16), b"12345678" + b"\xff" * 8, b"\xff" * 15 + b"\xfd"]
)
def test_cenc_is_one_stream_per_sample(iv: bytes):
    track = read_track(init(b"cenc", tenc(version=0, pattern=0, iv_size=len(iv))))
    segment = segment_of([(3, 5, 0, 70, 9, 1), (0, 333), (7, 0)], (iv,) * 3)
    old = segment.build()
    new = rekey_segment(old, track, OLD_KEY, NEW_KEY)
    assert len(new) == len(old)
    assert rekey_segment(new, track, NEW_KEY, OLD_KEY) == old
    for sample in (0, 1):
        before, after = (b"".join(protected(data, track, sample)) for data in (old, new))
        assert keystream(OLD_KEY, iv, before) == keystream(NEW_KEY, iv, after)
    assert clear(old, track) == clear(new, track)


def keystream(key: bytes, iv: bytes, data: bytes) -> bytes:
    """Return the AES-CTR key stream with a counter of 64 bits, from openssl's ECB."""
    counter = iv.ljust(16, b"\0")
    blocks = b"".join(
        counter[:8] + ((int.from_bytes(counter[8:]) + number) % 2**64).to_bytes(8)
        for number in range(len(data) // 16 + 1)
    )
    stream = b"".join(
        aes("cbc", key, bytes(16), blocks[at : at + 16])  # one block, no chain: ECB
        for at in range(0, len(blocks), 16)
    )
    return bytes(a ^ b for a, b in zip(data, stream, strict=False))


def clear(data: bytes, track) -> bytes:
    """Return everything that is not encrypted."""
    kept = bytearray(data)
    for sample in read_samples(data, track):
        for start, end in sample.ranges:
            kept[start:end] = bytes(end - start)
    return bytes(kept)


@pytest.mark.parametrize(
    ("pattern", "crypt", "skip"), [(0x19, 1, 9), (0x55, 5, 5), (0xA0, 10, 0), (0x00, 1, 0), (0x37, 3, 7)]
)
def test_cbcs_restarts_in_each_range(pattern: int, crypt: int, skip: int):
    track = read_track(init(b"cbcs", tenc(pattern=pattern, iv=CONSTANT)))
    segment = segment_of([(3, 5, 0, 700, 9, 16), (0, 333, 1, 31), (7, 0), (5, 160, 0, 161)], (b"",) * 4)
    old = segment.build()
    new = rekey_segment(old, track, OLD_KEY, NEW_KEY)
    assert len(new) == len(old)
    assert clear(new, track) == clear(old, track)
    for sample in range(4):
        for before, after in zip(protected(old, track, sample), protected(new, track, sample), strict=True):
            assert opened(OLD_KEY, before, crypt, skip) == opened(NEW_KEY, after, crypt, skip)


def opened(key: bytes, data: bytes, crypt: int, skip: int) -> bytes:
    whole = [data[at : at + 16] for at in range(0, len(data) - 15, 16)]
    chosen = [number for number in range(len(whole)) if not skip or number % (crypt + skip) < crypt]
    plain = aes("cbc", key, CONSTANT, b"".join(whole[number] for number in chosen), decrypt=True) if chosen else b""
    for place, number in enumerate(chosen):
        whole[number] = plain[place * 16 : place * 16 + 16]
    return b"".join(whole) + data[len(whole) * 16 :]


def test_ranges_shorter_than_a_block_do_not_change():
    track = read_track(init())
    for sizes in ([(3, 5)], [(20, 0)], [(0, 15), (1, 15)]):
        data = segment_of(sizes, (b"",) * len(sizes)).build()
        assert rekey_segment(data, track, OLD_KEY, NEW_KEY) == data


def test_the_input_is_not_modified():
    track = read_track(init())
    data = segment_of([(0, 64)], (b"",)).build()
    kept = bytes(bytearray(data))
    assert rekey_segment(data, track, OLD_KEY, NEW_KEY) != data
    assert data == kept
    assert rekey_segment(memoryview(data), track, OLD_KEY, NEW_KEY) == rekey_segment(data, track, OLD_KEY, NEW_KEY)


def test_a_segment_of_another_scheme():
    sixteen = read_track(init(b"cenc", CENC))
    data = segment_of([(0, 64)], (b"",)).build()
    with pytest.raises(TamperedError):
        rekey_segment(data, sixteen, OLD_KEY, NEW_KEY)


def test_many_small_unaligned_ranges():
    track = read_track(init(encryption=tenc(iv=CONSTANT)))
    chosen = random.Random(4)
    sizes = [tuple(chosen.randrange(40) for _ in range(2 * chosen.randrange(1, 5))) for _ in range(50)]
    segment = segment_of(sizes, (b"",) * 50)
    old = segment.build()
    new = rekey_segment(old, track, OLD_KEY, NEW_KEY)
    assert clear(new, track) == clear(old, track)
    assert rekey_segment(new, track, NEW_KEY, OLD_KEY) == old
