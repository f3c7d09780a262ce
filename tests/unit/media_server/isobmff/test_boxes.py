# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Boxes are read to the byte, or refused."""

from __future__ import annotations

import pickle
import struct

import pytest
from media_server.isobmff.boxes import U32, Fields, at_most_one, boxes, only
from media_server.isobmff.errors import TamperedError

from tests.unit.media_server.isobmff.building import box, full


def kinds(data: bytes) -> list[tuple[bytes, bytes]]:
    return [(one.kind, data[one.body : one.end]) for one in boxes(data, 0, len(data))]


def test_boxes_are_found_in_order():
    large = struct.pack(">I4sQ", 1, b"mdat", 16 + 3) + b"abc"
    assert kinds(box(b"styp", b"x") + large + box(b"free")) == [(b"styp", b"x"), (b"mdat", b"abc"), (b"free", b"")]
    assert kinds(b"") == []


@pytest.mark.parametrize(
    "data",
    [
        b"\0",
        b"\0\0\0\7free",
        b"\0\0\0\0free",
        b"\0\0\0\x09free",
        b"\xff\xff\xff\xfffree",
        b"\0\0\0\1free",
        b"\0\0\0\1free\0\0\0\0\0\0\0\x0f",
        b"\0\0\0\1free\0\0\0\0\0\0\0\x11",
        b"\0\0\0\1free\xff\xff\xff\xff\xff\xff\xff\xff",
        box(b"free") + b"\0\0\0",
    ],
)
def test_invalid_sizes_are_refused(data: bytes):
    with pytest.raises(TamperedError):
        kinds(data)


def test_only_and_at_most_one():
    data = box(b"free") + box(b"skip") * 2
    assert only(boxes(data, 0, len(data)), b"free").start == 0
    assert at_most_one(boxes(data, 0, len(data)), b"mdat") is None
    with pytest.raises(TamperedError, match="mdat is missing"):
        only(boxes(data, 0, len(data)), b"mdat")
    with pytest.raises(TamperedError, match="skip occurs 2 times"):
        only(boxes(data, 0, len(data)), b"skip")


def test_fields_end_with_their_box():
    data = full(b"test", 3, 5, b"\0\0\0\7ab") + b"more"
    fields = Fields(data, next(boxes(data, 0, len(data) - 4)))
    assert fields.version_and_flags() == (3, 5)
    assert fields.take(U32) == (7,)
    with pytest.raises(TamperedError):
        fields.done()
    assert fields.take_bytes(2) == b"ab"
    fields.done()
    with pytest.raises(TamperedError):
        fields.take_bytes(1)


def test_the_error_survives_a_process_border():
    error = pickle.loads(pickle.dumps(TamperedError("why")))
    assert isinstance(error, TamperedError)
    assert (error.status, error.code, error.message) == (422, "tampered", "why")
