# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Check `saiz` and `saio`, which describe the same data as `senc`. Players may use either, so they must agree."""

from __future__ import annotations

from media_server.isobmff.boxes import U8, U32, U64, Box, Data, Fields, at_most_one
from media_server.isobmff.errors import TamperedError

_TYPED = 0x1
_SENC_FIELDS = 8


def check_auxiliary(data: Data, moof: Box, inside: list[Box], senc: Box | None, sizes: list[int]) -> None:
    """Raise TamperedError unless saiz and saio of a traf describe the entries of senc, with these sizes."""
    saiz, saio = (at_most_one(iter(inside), kind) for kind in (b"saiz", b"saio"))
    if (saiz is None) != (saio is None) or (saiz is not None and senc is None):
        raise TamperedError("some of senc, saiz and saio are missing")
    if saiz is None or saio is None or senc is None:
        return
    if _offset(data, saio) != senc.body + _SENC_FIELDS - moof.start:
        raise TamperedError("saio doesn't point to senc")
    if _sizes(data, saiz, len(sizes)) != sizes:
        raise TamperedError("saiz and senc differ")


def _start(data: Data, box: Box) -> tuple[Fields, int]:
    fields = Fields(data, box)
    version, flags = fields.version_and_flags()
    if flags & _TYPED and fields.take_bytes(8)[:4] not in (b"cenc", b"cbcs"):
        raise TamperedError(f"{box.name} is of a type that is not supported")
    return fields, version


def _offset(data: Data, saio: Box) -> int:
    fields, version = _start(data, saio)
    if fields.take(U32) != (1,):
        raise TamperedError("saio has more than one offset, or none")
    (offset,) = fields.take(U64 if version else U32)
    fields.done()
    return offset


def _sizes(data: Data, saiz: Box, expected: int) -> list[int]:
    fields, _ = _start(data, saiz)
    (default,) = fields.take(U8)
    if fields.take(U32) != (expected,):
        raise TamperedError("saiz and trun have different sample counts")
    sizes = [default] * expected if default else list(fields.take_bytes(expected))
    fields.done()
    return sizes
