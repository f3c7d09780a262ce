# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Media segments: the encrypted ranges, and what is refused."""

from __future__ import annotations

import struct

import pytest
from media_server.isobmff.errors import TamperedError
from media_server.isobmff.fragments import read_samples
from media_server.isobmff.track import read_track

from tests.unit.media_server.isobmff.building import CENC, Segment, box, full, init, u32

CBCS = read_track(init())
SIXTEEN = read_track(init(b"cenc", CENC))


def ranges(segment: Segment, track=CBCS) -> list[list[tuple[int, int]]]:
    """Return the ranges relative to the beginning of the payload."""
    data = segment.build()
    start = data.rindex(b"mdat") + 4
    return [[(a - start, b - start) for a, b in sample.ranges] for sample in read_samples(data, track)]


def test_subsamples():
    assert ranges(Segment()) == [[(20, 100)], [(110, 130), (130, 160)]]


def test_several_fragments():
    data = Segment(before=box(b"styp"), after=Segment(sizes=(100, 60)).build()).build()
    assert len(list(read_samples(data, CBCS))) == 4


def test_whole_samples_under_the_constant_iv():
    assert ranges(Segment(subsamples=None, saio=None, saiz=None)) == [[(0, 100)], [(100, 160)]]


def test_ivs_of_samples():
    segment = Segment(ivs=(b"12345678", b"abcdefgh"))
    assert [sample.iv for sample in read_samples(segment.build(), SIXTEEN)] == [b"12345678", b"abcdefgh"]


def test_default_sizes():
    segment = Segment(
        sizes=(80, 80), trun_flags=1, subsamples=((0, 80), (80, 0)), tfhd_flags=0x20010, tfhd_fields=u32(80)
    )
    assert ranges(segment) == [[(0, 80)], []]


@pytest.mark.parametrize(
    ("segment", "says"),
    [
        (Segment(trafs=2), "2 traf"),
        (Segment(trafs=0), "0 traf"),
        (Segment(truns=2), "2 trun"),
        (Segment(truns=0), "0 trun"),
        (Segment(track_id=2), "another track"),
        (Segment(tfhd_flags=0x20001, tfhd_fields=bytes(8)), "base data offset"),
        (Segment(tfhd_flags=0x20002, tfhd_fields=u32(2)), "sample entry"),
        (Segment(tfhd_fields=b"more"), "tfhd"),
        (Segment(tfhd_flags=0x20038, tfhd_fields=u32(1)), "tfhd"),
        (Segment(trun_flags=0x200), "data offset"),
        (Segment(trun_count=3), "length"),
        (Segment(trun_count=0xFFFFFFFF), "too many"),
        (Segment(trun_count=60_000), "length"),
        (Segment(trun_flags=1, trun_count=60_000), "fill mdat"),
        (Segment(trun_flags=1, trun_count=60_000, tfhd_flags=0x20010, tfhd_fields=u32(0xFFFFFFFF)), "fill mdat"),
        (Segment(trun_flags=0x301), "length"),
        (Segment(offset=0), "fill mdat"),
        (Segment(offset=-1), "fill mdat"),
        (Segment(offset=0x7FFFFFFF), "fill mdat"),
        (Segment(payload=bytes(159)), "fill mdat"),
        (Segment(payload=bytes(161)), "fill mdat"),
        (Segment(sizes=(0xFFFFFFFF, 161), payload=bytes(160)), "fill mdat"),
        (Segment(senc_count=3), "sample counts"),
        (Segment(senc_count=0xFFFFFFFF), "sample counts"),
        (Segment(ivs=(b"", b"x")), "senc|saiz"),
        (Segment(subsamples=((20, 81), (60, 0))), "add up"),
        (Segment(subsamples=((20, 0xFFFFFFFF), (60, 0))), "add up"),
        (Segment(subsamples=((0, 0), (60, 0))), "add up"),
        (Segment(saio=1), "saio"),
        (Segment(saio=None), "missing"),
        (Segment(saiz=None), "missing"),
        (Segment(saiz=(8, 15)), "saiz"),
        (Segment(saiz=(8, 14, 8)), "sample counts"),
        (Segment(more=full(b"sgpd", 1, 0, b"seig", bytes(8))), "seig"),
        (Segment(more=full(b"sbgp", 0, 0, b"seig", bytes(8))), "seig"),
        (Segment(more=full(b"senc", 0, 0, u32(0))), "senc occurs 2 times"),
        (Segment(more=full(b"tfhd", 0, 0, u32(1))), "tfhd occurs 2 times"),
        (Segment(more=box(b"uuid", bytes(24))), "uuid"),
        (Segment(before=box(b"moov")), "moov"),
        (Segment(before=box(b"mdat")), "1 moof and 2 mdat"),
        (Segment(before=box(b"mdat"), after=box(b"moof")), "precedes its moof"),
        (Segment(after=b"\0\0\0"), "too few"),
    ],
)
def test_refused(segment: Segment, says: str):
    with pytest.raises(TamperedError, match=says):
        list(read_samples(segment.build(), CBCS))


@pytest.mark.parametrize("shift", [8, -8, 1])
def test_samples_end_with_mdat_and_begin_elsewhere(shift: int):
    segment = Segment(payload=bytes(160 + shift))
    payload_at = segment.build().rindex(b"mdat") + 4
    with pytest.raises(TamperedError, match="fill mdat"):
        list(read_samples(segment.but(offset=payload_at + shift).build(), CBCS))


def test_an_empty_segment_is_refused():
    with pytest.raises(TamperedError, match="0 moof"):
        list(read_samples(b"", CBCS))


def test_an_iv_per_sample_is_required():
    data = Segment(subsamples=None, saio=None, saiz=None).build()
    with pytest.raises(TamperedError):
        list(read_samples(data, SIXTEEN))
    senc = data.index(b"senc") - 4
    (size,) = struct.unpack_from(">I", data, senc)
    without = data[: senc + 4] + b"free" + data[senc + 8 : senc + size] + data[senc + size :]
    with pytest.raises(TamperedError, match="free in traf"):
        list(read_samples(without, SIXTEEN))


def test_every_truncation_is_refused():
    data = Segment().build()
    for length in range(len(data)):
        with pytest.raises(TamperedError):
            list(read_samples(data[:length], CBCS))
