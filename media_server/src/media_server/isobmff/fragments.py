# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read media segments: the encrypted byte ranges and the IV of each sample (ISO/IEC 14496-12, ISO/IEC 23001-7).

Only what our packager writes is supported: one track, one `traf` per `moof`, one `trun` per `traf`, one key. Everything else
is refused, because an overlooked sample would stay encrypted with the old key.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from media_server.isobmff.auxiliary import check_auxiliary
from media_server.isobmff.boxes import I32, U32, Box, Data, Fields, at_most_one, boxes, children, only
from media_server.isobmff.errors import TamperedError
from media_server.isobmff.samples import Encryption, read_encryption, whole_samples
from media_server.isobmff.track import Track

_IN_SEGMENT = {b"styp", b"sidx", b"moof", b"mdat", b"emsg", b"prft", b"free", b"skip"}
_IN_MOOF = {b"mfhd", b"traf"}
_IN_TRAF = {b"tfhd", b"tfdt", b"trun", b"senc", b"saiz", b"saio", b"sbgp", b"sgpd"}

_BASE_DATA_OFFSET, _DESCRIPTION, _DURATION, _SIZE, _FLAGS = 0x1, 0x2, 0x8, 0x10, 0x20
_TRUN_OFFSET, _TRUN_FIRST_FLAGS = 0x1, 0x4
_TRUN_PER_SAMPLE = (0x100, 0x200, 0x400, 0x800)
_TRUN_SIZE = 0x200
# Half an hour at 30 frames per second; a segment has some seconds.
_MOST_SAMPLES = 1 << 16


@dataclass(frozen=True, slots=True)
class Sample:
    """The IV of a sample (empty if the track has a constant IV), and its encrypted ranges as offsets (start, end)."""

    iv: bytes
    ranges: list[tuple[int, int]]


def read_samples(data: Data, track: Track) -> Iterator[Sample]:
    """Yield the samples of a segment in order. Raise TamperedError, possibly after some samples.

    No two ranges overlap, each lies in an `mdat`, and every byte of every `mdat` belongs to a sample.
    """
    found = list(boxes(data, 0, len(data)))
    _only_known(found, _IN_SEGMENT, "a segment")
    moofs = [box for box in found if box.kind == b"moof"]
    mdats = [box for box in found if box.kind == b"mdat"]
    if not moofs or len(moofs) != len(mdats):
        raise TamperedError(f"the segment has {len(moofs)} moof and {len(mdats)} mdat")
    for moof, mdat in zip(moofs, mdats, strict=True):
        yield from _samples_of(data, track, moof, mdat)


def _only_known(found: list[Box], known: set[bytes], where: str) -> None:
    for box in found:
        if box.kind not in known:
            raise TamperedError(f"{box.name} in {where} is not supported")


def _samples_of(data: Data, track: Track, moof: Box, mdat: Box) -> Iterator[Sample]:
    if moof.start > mdat.start:
        raise TamperedError("mdat precedes its moof")
    found = list(children(data, moof))
    _only_known(found, _IN_MOOF, "moof")
    trafs = [box for box in found if box.kind == b"traf"]
    if len(trafs) != 1:
        raise TamperedError(f"a moof with {len(trafs)} traf is not supported: one is")
    traf = trafs[0]
    inside = list(children(data, traf))
    _only_known(inside, _IN_TRAF, "traf")
    _refuse_key_rotation(data, inside)
    truns = [box for box in inside if box.kind == b"trun"]
    if len(truns) != 1:
        raise TamperedError(f"a traf with {len(truns)} trun is not supported: one is")
    default_size = _header(data, track, only(iter(inside), b"tfhd"))
    offset, sizes = _run(data, truns[0], default_size, mdat)
    start = moof.start + offset
    if start != mdat.body or start + sum(sizes) != mdat.end:
        raise TamperedError("the samples do not fill mdat exactly")
    senc = at_most_one(iter(inside), b"senc")
    if senc is None:
        encryption: list[Encryption] = whole_samples(track, len(sizes))
    else:
        encryption = read_encryption(data, track, senc, len(sizes))
    check_auxiliary(data, moof, inside, senc, [one.auxiliary_size for one in encryption])
    for size, one in zip(sizes, encryption, strict=True):
        yield Sample(one.iv, one.ranges(start, size))
        start += size


def _refuse_key_rotation(data: Data, inside: list[Box]) -> None:
    for box in inside:
        if box.kind in (b"sbgp", b"sgpd"):
            fields = Fields(data, box)
            fields.version_and_flags()
            if fields.take_bytes(4) == b"seig":
                raise TamperedError("sample groups with keys of their own (seig) are not supported")


def _header(data: Data, track: Track, tfhd: Box) -> int:
    """Return the default sample size."""
    fields = Fields(data, tfhd)
    _, flags = fields.version_and_flags()
    (track_id,) = fields.take(U32)
    if track_id != track.track_id:
        raise TamperedError("tfhd names another track than the init segment")
    if flags & _BASE_DATA_OFFSET:
        raise TamperedError("tfhd with a base data offset is not supported")
    if flags & _DESCRIPTION and fields.take(U32) != (1,):
        raise TamperedError("tfhd refers to a missing sample entry")
    fields.skip(4 * bool(flags & _DURATION))
    default_size = fields.take(U32)[0] if flags & _SIZE else track.default_sample_size
    fields.skip(4 * bool(flags & _FLAGS))
    fields.done()
    return default_size


def _run(data: Data, trun: Box, default_size: int, mdat: Box) -> tuple[int, list[int]]:
    """Return the offset of the first sample, relative to the moof, and the size of each sample."""
    fields = Fields(data, trun)
    _, flags = fields.version_and_flags()
    (count,) = fields.take(U32)
    if count > _MOST_SAMPLES:
        raise TamperedError(f"{count} samples in a trun are too many")
    if not flags & _TRUN_OFFSET:
        raise TamperedError("trun without a data offset is not supported")
    (offset,) = fields.take(I32)
    fields.skip(4 * bool(flags & _TRUN_FIRST_FLAGS))
    columns = [flag for flag in _TRUN_PER_SAMPLE if flags & flag]
    if count * 4 * len(columns) != fields.left:
        raise TamperedError("the length of trun does not match its sample count")
    if not flags & _TRUN_SIZE:
        # Here only the size of mdat limits the count.
        if not default_size or count * default_size != mdat.end - mdat.body:
            raise TamperedError("the samples do not fill mdat exactly")
        return offset, [default_size] * count
    start = fields.skip(fields.left)
    values = memoryview(data)[start : trun.end].tobytes()
    place = columns.index(_TRUN_SIZE)
    return offset, [size for (size,) in U32.iter_unpack(values)][place :: len(columns)]
