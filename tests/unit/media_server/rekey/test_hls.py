# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""HLS AES-128 segments, encrypted and decrypted by openssl."""

from __future__ import annotations

import io
import os
import tracemalloc

import pytest
from media_server.rekey import TamperedError, rekey_stream

from tests.unit.media_server.rekey.openssl import aes

OLD_KEY, OLD_IV, NEW_KEY, NEW_IV = (bytes(range(start, start + 16)) for start in (0, 20, 40, 60))


class Trickling(io.BytesIO):
    """Returns less than requested, as a socket does."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size or 0, 1001))


def changed(data: bytes, reader: type[io.BytesIO] = io.BytesIO, new_iv: bytes = NEW_IV) -> bytes:
    writer = io.BytesIO()
    assert rekey_stream(reader(data), writer, OLD_KEY, OLD_IV, NEW_KEY, new_iv) == len(data)
    return writer.getvalue()


@pytest.mark.parametrize("reader", [io.BytesIO, Trickling])
@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 1 << 18, (1 << 18) - 16, (1 << 18) + 1, 1_000_003])
def test_openssl_reads_it(length: int, reader: type[io.BytesIO]):
    plain = os.urandom(length)
    old = aes("cbc", OLD_KEY, OLD_IV, plain, padding=True)
    new = changed(old, reader)
    assert len(new) == len(old)
    assert aes("cbc", NEW_KEY, NEW_IV, new, decrypt=True, padding=True) == plain


def test_the_iv_may_stay():
    old = aes("cbc", OLD_KEY, OLD_IV, b"a segment", padding=True)
    new = changed(old, new_iv=OLD_IV)
    assert new != old
    assert aes("cbc", NEW_KEY, OLD_IV, new, decrypt=True, padding=True) == b"a segment"


@pytest.mark.parametrize("length", [0, 1, 15, 17, 1 << 18 | 1])
def test_a_partial_block_is_refused(length: int):
    with pytest.raises(TamperedError, match=f"{length} bytes"):
        changed(bytes(length))


@pytest.mark.parametrize("end", [b"\0", b"\x11", b"\xff", b"\1\2", b"\3\2\3", b"\x0f" + b"\x10" * 15])
def test_invalid_padding_is_refused(end: bytes):
    plain = bytes(64 - len(end)) + end
    with pytest.raises(TamperedError, match="padding"):
        changed(aes("cbc", OLD_KEY, OLD_IV, plain))


def test_memory_does_not_grow():
    class Endless(io.RawIOBase):
        left = 200 << 20

        def read(self, size: int = -1) -> bytes:
            count = min(size, self.left)
            self.left -= count
            return bytes(count)

    class Nowhere(io.RawIOBase):
        def write(self, data) -> int:
            return len(data)

    tracemalloc.start()
    # Zeros have no padding.
    with pytest.raises(TamperedError):
        rekey_stream(Endless(), Nowhere(), OLD_KEY, OLD_IV, NEW_KEY, NEW_IV)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 << 20
