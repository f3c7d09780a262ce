# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Check that a file is as long as its container says. ffmpeg reads a truncated file without an error.

Only the outermost sizes are read, so this is fast for files of any size. MPEG streams don't contain their length.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import IO

from media_server.errors import UnprocessableError

# The boxes that a file may begin with (ISO/IEC 14496-12 and QuickTime), and those that may follow.
_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp", b"moof"}
_KNOWN = _BOXES | {b"sidx", b"ssix", b"mfra", b"meta", b"uuid", b"prft", b"emsg", b"pdin", b"udta", b"imda"}
_MOST_PARTS = 1_000_000
# RFC 8794 and RFC 9559: the magic number, and the ID of the element that contains all others.
_EBML, _SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"


def check_completeness(file: IO[bytes], length: int) -> None:
    """Raise UnprocessableError if a part of the file lies beyond its end. The file position is reset to the beginning."""
    start = _read(file, 0, 8)
    end_of_part = _container(start)
    at, parts = 0, set()
    end: int | None = 0
    for _ in range(_MOST_PARTS):
        if end is None or end >= length:
            break
        at = end
        end = end_of_part(file, at)
        if end is not None and end <= length:
            parts.add(_read(file, at, 8)[4:])
    cut = end is not None and end > length and not (start[4:] in _BOXES and _is_trailing(_read(file, at, 8), parts))
    file.seek(0)
    if cut:
        raise UnprocessableError("truncated-source", "the source ends too early: the upload is incomplete")


def _is_trailing(header: bytes, parts: set[bytes]) -> bool:
    """Return whether what begins here is no box, but was appended, as programs for music do, to a file that is complete."""
    if not {b"moov", b"mdat"} <= parts:
        return False
    # Of a fragmented file the next fragment may begin here.
    return header[4:] not in _KNOWN if len(header) == 8 else b"moof" not in parts


def _container(start: bytes) -> Callable[[IO[bytes], int], int | None]:
    if start[4:] in _BOXES:
        return _end_of_box
    if start[:4] == b"RIFF":
        return _end_of_chunk
    return _end_of_element


def _read(file: IO[bytes], at: int, count: int) -> bytes:
    file.seek(at)
    return file.read(count)


def _end_of_box(file: IO[bytes], at: int) -> int | None:
    """Return the end of a box.

    None if it extends to the end of the file, or no box begins (some programs write trailing zeros).
    """
    header = _read(file, at, 16)
    if not header.strip(b"\0"):
        return None
    if len(header) < 8:
        return at + 8
    (size,) = struct.unpack_from(">I", header)
    if size == 1:
        if len(header) < 16:
            return at + 16
        (size,) = struct.unpack_from(">Q", header, 8)
    return at + size if size >= 8 else None


def _end_of_chunk(file: IO[bytes], at: int) -> int | None:
    header = _read(file, at, 8)
    if len(header) < 8 or header[:4] != b"RIFF":
        return None
    (size,) = struct.unpack_from("<I", header, 4)
    # A writer that can't seek leaves 0 or all ones as the size.
    return at + 8 + size + size % 2 if 0 < size < 0xFFFFFFFF else None


def _end_of_element(file: IO[bytes], at: int) -> int | None:
    """Return the end of an element. None if its size is unknown, as in live recordings, and for everything after the segment."""
    header = _read(file, at, 12)
    if header[:4] not in (_EBML, _SEGMENT) or len(header) < 5 or not header[4]:
        return None
    width = 9 - header[4].bit_length()
    if len(header) < 4 + width:
        return at + 4 + width
    value = int.from_bytes(header[4 : 4 + width]) & ((1 << 7 * width) - 1)
    return None if value == (1 << 7 * width) - 1 else at + 4 + width + value
