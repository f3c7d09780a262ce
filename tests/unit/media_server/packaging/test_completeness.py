# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The end of a file, as its container declares it."""

from __future__ import annotations

import io
import struct

import pytest
from media_server.errors import UnprocessableError
from media_server.packaging.completeness import check_completeness

FTYP = struct.pack(">I4s", 16, b"ftyp") + b"mp42\0\0\0\0"
MDAT = struct.pack(">I4s", 1008, b"mdat") + b"\1" * 1000
LARGE = struct.pack(">I4sQ", 1, b"mdat", 1016) + b"\1" * 1000
REST = struct.pack(">I4s", 0, b"mdat") + b"\1" * 1000
EBML = b"\x1a\x45\xdf\xa3\x84abcd"
SEGMENT = b"\x18\x53\x80\x67\x43\xe8" + b"\1" * 1000
LIVE = b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff" + b"\1" * 1000
RIFF = b"RIFF" + struct.pack("<I", 1000) + b"AVI " + b"\1" * 996
MOOV = struct.pack(">I4s", 108, b"moov") + b"\1" * 100
MOOF = struct.pack(">I4s", 108, b"moof") + b"\1" * 100
APPENDED = [b"TAG" + b"x" * 125, b"abc", b"\n", b"\xff" * 128]
WHOLE = [FTYP + MDAT, FTYP + LARGE, MDAT + FTYP, EBML + SEGMENT, RIFF, RIFF + RIFF]


def check(content: bytes) -> None:
    file = io.BytesIO(content)
    check_completeness(file, len(content))
    assert file.tell() == 0


@pytest.mark.parametrize(
    "content",
    [
        *WHOLE, FTYP + REST, FTYP + MDAT + bytes(5), FTYP + MDAT + bytes(500), EBML + LIVE, EBML + SEGMENT + b"more",
        RIFF + b"more", b"RIFF" + bytes(100), b"RIFF\xff\xff\xff\xffAVI ", b"\x47" + bytes(187), b"x", b"\0\0\0\4ftyp",
        b"\x1a\x45\xdf\xa3\x00", FTYP + b"\0\0\0\7mdat" + bytes(100),
    ],
)  # fmt: skip
def test_complete_or_not_known(content: bytes):
    check(content)


@pytest.mark.parametrize("appended", APPENDED)
@pytest.mark.parametrize("parts", [MOOV + MDAT, MDAT + MOOV])
def test_what_is_appended_to_a_complete_file_is_ignored(parts: bytes, appended: bytes):
    check(FTYP + parts + appended)


@pytest.mark.parametrize("appended", APPENDED)
@pytest.mark.parametrize("parts", [MDAT, MOOV])
def test_what_is_appended_to_an_incomplete_file_is_not(parts: bytes, appended: bytes):
    with pytest.raises(UnprocessableError):
        check(FTYP + parts + appended)


@pytest.mark.parametrize("cut", [MOOF[:5], MOOF[:50], MDAT[:500]])
def test_a_cut_fragment_is_found(cut: bytes):
    with pytest.raises(UnprocessableError):
        check(FTYP + MOOV + MOOF + MDAT + cut)


@pytest.mark.parametrize("content", WHOLE)
@pytest.mark.parametrize("lost", [1, 100, 990])
def test_cut_off(content: bytes, lost: int):
    with pytest.raises(UnprocessableError) as caught:
        check(content[:-lost])
    assert caught.value.code == "truncated-source"


@pytest.mark.parametrize("left", range(4, 16))
def test_cut_off_in_a_header(left: int):
    with pytest.raises(UnprocessableError):
        check(FTYP + LARGE[:left])
