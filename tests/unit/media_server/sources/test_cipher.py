# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The encryption of kept sources, compared with openssl."""

from __future__ import annotations

import io
import random

import pytest
from media_server.errors import UnprocessableError
from media_server.sources.cipher import TAG_BYTES, EncryptingReader, decrypt

from tests.support.openssl_source import openssl

DRAW = random.Random(3)
KEY, IV = DRAW.randbytes(64), DRAW.randbytes(16)
SIZES = (0, 1, 15, 16, 31, 32, 33, 1024 * 1024, 1024 * 1024 + 1, 2_500_000)


class Slow(io.BytesIO):
    """Returns less than it is asked for, as a network does."""

    def read(self, size: int = -1, /) -> bytes:
        return super().read(max(1, size // 3))


def nothing() -> None:
    pass


def encrypted(data: bytes, each: int = 8_000_000) -> bytes:
    reader, parts = EncryptingReader(Slow(data), KEY, IV, nothing), []
    while part := reader.read(each):
        parts.append(part)
    assert all(len(part) == each for part in parts[:-1])
    return b"".join(parts)


def decrypted(content: bytes, key: bytes = KEY) -> bytes:
    out = io.BytesIO()
    decrypt(Slow(content), out, key, IV, nothing)
    return out.getvalue()


@pytest.mark.parametrize("size", SIZES)
def test_openssl_makes_the_same(size: int):
    data = random.Random(size).randbytes(size)
    ciphertext = openssl("enc", "-e", "-aes-256-ctr", "-K", KEY[:32].hex(), "-iv", IV.hex(), data=data)
    mac = ("dgst", "-sha256", "-mac", "HMAC", "-binary", "-macopt", f"hexkey:{KEY[32:].hex()}")
    tag = openssl(*mac, data=IV + ciphertext)
    assert encrypted(data) == encrypted(data, each=1000 if size < 100_000 else 999_999) == ciphertext + tag
    assert decrypted(ciphertext + tag) == data


@pytest.mark.parametrize("at", [0, 500, 999, 1000, 1031])
def test_a_changed_byte_is_found(at: int):
    content = bytearray(encrypted(bytes(1000)))
    content[at] ^= 1
    with pytest.raises(UnprocessableError) as caught:
        decrypted(bytes(content))
    assert caught.value.code == "source-damaged"


@pytest.mark.parametrize("left", [0, 1, TAG_BYTES - 1, TAG_BYTES, 1000])
def test_a_truncated_source_is_found(left: int):
    with pytest.raises(UnprocessableError):
        decrypted(encrypted(bytes(1000))[:left])


def test_another_key_is_found():
    with pytest.raises(UnprocessableError):
        decrypted(encrypted(bytes(1000)), KEY[:32] + bytes(32))


def test_an_error_of_the_tick_ends_the_work():
    def stop() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        EncryptingReader(io.BytesIO(b"data"), KEY, IV, stop).read(10)
    with pytest.raises(InterruptedError):
        decrypt(io.BytesIO(bytes(100)), io.BytesIO(), KEY, IV, stop)
