# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read boxes and their fields. Every bound is checked before anything is read or allocated."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from media_server.isobmff.errors import TamperedError

Data = bytes | bytearray | memoryview

_HEADER = struct.Struct(">I4s")
_LARGE = struct.Struct(">Q")


@dataclass(frozen=True, slots=True)
class Box:
    """A box, as offsets in the data: `start` of the header, `body` after the header, `end` after the box."""

    kind: bytes
    start: int
    body: int
    end: int

    @property
    def name(self) -> str:
        return self.kind.decode("ascii", "backslashreplace")


def boxes(data: Data, start: int, end: int) -> Iterator[Box]:
    """Yield the boxes from `start` to `end`. Raise TamperedError if they don't fill that range exactly."""
    while start < end:
        if end - start < _HEADER.size:
            raise TamperedError(f"{end - start} bytes at {start} are too few for a box")
        size, kind = _HEADER.unpack_from(data, start)
        body = start + _HEADER.size
        if size == 1:
            if end - body < _LARGE.size:
                raise TamperedError(f"the box at {start} ends in its header")
            (size,) = _LARGE.unpack_from(data, body)
            body += _LARGE.size
        # Size 0 means "to the end of the file", which is not used in segments.
        if size < body - start or size > end - start:
            raise TamperedError(f"the box at {start} declares {size} bytes, but {end - start} remain")
        yield Box(kind, start, body, start + size)
        start += size


def children(data: Data, box: Box, *, skip: int = 0) -> Iterator[Box]:
    """Yield the boxes inside a box, after `skip` bytes of fields."""
    if skip > box.end - box.body:
        raise TamperedError(f"{box.name} is too short")
    return boxes(data, box.body + skip, box.end)


def only(found: Iterator[Box], kind: bytes) -> Box:
    """Return the only box of a kind. Raise TamperedError if there is none, or more than one."""
    box = at_most_one(found, kind)
    if box is None:
        raise TamperedError(f"{kind.decode()} is missing")
    return box


def at_most_one(found: Iterator[Box], kind: bytes) -> Box | None:
    """Return the box of a kind, or None. Raise TamperedError if there is more than one."""
    matching = [box for box in found if box.kind == kind]
    if len(matching) > 1:
        raise TamperedError(f"{kind.decode()} occurs {len(matching)} times")
    return matching[0] if matching else None


class Fields:
    """Reads the fields of a box in order, and never beyond its end."""

    def __init__(self, data: Data, box: Box):
        self._data = data
        self._box = box
        self.at = box.body

    @property
    def left(self) -> int:
        return self._box.end - self.at

    def take(self, layout: struct.Struct) -> tuple:
        start = self.skip(layout.size)
        return layout.unpack_from(self._data, start)

    def take_bytes(self, count: int) -> bytes:
        start = self.skip(count)
        return bytes(self._data[start : start + count])

    def skip(self, count: int) -> int:
        """Skip `count` bytes and return the offset of the first of them."""
        if count > self.left:
            raise TamperedError(f"{self._box.name} at {self._box.start} is too short for its declared content")
        start = self.at
        self.at += count
        return start

    def version_and_flags(self) -> tuple[int, int]:
        """Read the version and flags of a full box."""
        (both,) = self.take(U32)
        return both >> 24, both & 0xFFFFFF

    def done(self) -> None:
        """Raise TamperedError if the box contains more bytes."""
        if self.left:
            raise TamperedError(f"{self._box.name} at {self._box.start} has {self.left} bytes more than declared")


U8 = struct.Struct(">B")
U16 = struct.Struct(">H")
U32 = struct.Struct(">I")
I32 = struct.Struct(">i")
U64 = struct.Struct(">Q")
