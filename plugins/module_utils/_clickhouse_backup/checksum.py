# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Calculate the engine's checksum of a backup's files: CityHash128 v1.0.2, chained over blocks of 2048 bytes.

ClickHouse's HashingReadBuffer (src/IO/HashingReadBuffer.h) hashes each block with the hash so far as its seed. The library
can't pass a seed (its CityHash128WithSeed ignores it), but by CityHash's own definition CityHash128 of 16 bytes and a block
is CityHash128WithSeed of the block, with a seed made of those 16 bytes: so the seed is put before the block.
"""

from __future__ import annotations

import struct
import typing as t

try:
    from clickhouse_cityhash.cityhash import CityHash128

    CITYHASH_ERROR = None
except ImportError as error:
    CityHash128 = None
    CITYHASH_ERROR = error

_BLOCK = 2048
_K3 = 0xC949D7C7509E6557  # CityHash v1.0.2's constant of that name
_SEED = struct.Struct("<QQ")
_LOW = (1 << 64) - 1


class Checksum:
    """Calculate the checksum of a file that comes in pieces."""

    def __init__(self) -> None:
        self._state = (0, 0)
        self._rest = b""

    def update(self, data: bytes) -> None:
        """Add the file's next bytes."""
        data = self._rest + data if self._rest else data
        whole = len(data) - len(data) % _BLOCK
        low, high = self._state
        pack, view = _SEED.pack, memoryview(data)
        for start in range(0, whole, _BLOCK):
            value = CityHash128(pack(low ^ _K3, high) + view[start : start + _BLOCK])
            low, high = value >> 64, value & _LOW  # the library puts the low half first
        self._state = (low, high)
        self._rest = data[whole:]

    def hexdigest(self) -> str:
        """Return the checksum as in `.backup`: the high half first, both as hexadecimal numbers."""
        low, high = self._state
        if self._rest:
            value = CityHash128(_SEED.pack(low ^ _K3, high) + self._rest)
            low, high = value >> 64, value & _LOW
        return f"{high:016x}{low:016x}"


def checksum(chunks: t.Iterable[bytes]) -> str:
    """Return the checksum of a file that comes in pieces."""
    state = Checksum()
    for chunk in chunks:
        state.update(chunk)
    return state.hexdigest()
