# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Init segments: what is read, and what is refused."""

from __future__ import annotations

import pytest
from media_server.isobmff.errors import TamperedError
from media_server.isobmff.track import read_track

from tests.unit.media_server.isobmff.building import CENC, KID, init, pssh, tenc


def test_cbcs():
    data = init(encryption=tenc(iv=b"\7" * 16), default_size=5)
    track = read_track(data)
    assert (track.scheme, track.kid, track.iv_size, track.constant_iv) == ("cbcs", KID, 0, b"\7" * 16)
    assert (track.crypt_blocks, track.skip_blocks, track.track_id, track.default_sample_size) == (1, 9, 1, 5)
    assert [data[offset : offset + 16] for offset in track.kid_offsets] == [KID, KID]


def test_cenc():
    track = read_track(init(b"cenc", CENC, entry=b"enca", psshs=[]))
    assert (track.scheme, track.iv_size, track.constant_iv, track.crypt_blocks) == ("cenc", 8, b"", 0)
    assert len(track.kid_offsets) == 1


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "moov is missing"),
        (init(tracks=2), "trak occurs 2 times"),
        (init(entries=2), "sample entry"),
        (init(entries=0), "sample entry"),
        (init(entry=b"avc1"), "not encrypted"),
        (init(b"cens"), "cens"),
        (init(b"\xff\xfe\0\1"), "not supported"),
        (init(encryption=b""), "tenc is missing"),
        (init(encryption=tenc() * 2), "tenc occurs 2 times"),
        (init(encryption=tenc(version=2)), "tenc"),
        (init(encryption=tenc(protected=0)), "tenc"),
        (init(encryption=tenc(iv=bytes(8))), "cbcs"),
        (init(encryption=tenc(pattern=0x09)), "cbcs"),
        (init(encryption=tenc(more=b"\0")), "tenc"),
        (init(b"cenc", tenc(version=0, pattern=0)), "cenc"),
        (init(b"cenc", tenc(version=0, pattern=0, iv_size=7)), "cenc"),
        (init(b"cenc", tenc(iv_size=8)), "cenc"),
        (init(psshs=[pssh(bytes(16))]), "another key"),
        (init(psshs=[pssh(), pssh(version=0)]), "protection system"),
        (init(psshs=[pssh(system=bytes(16))]), "protection system"),
        (init(psshs=[pssh(count=0xFFFFFFFF)]), "too short"),
        (init(psshs=[pssh(count=2)]), "too short"),
        (init(psshs=[pssh(count=0)]), "pssh"),
    ],
)
def test_refused(data: bytes, says: str):
    with pytest.raises(TamperedError, match=says):
        read_track(data)


def test_every_truncation_is_refused():
    data = init()
    for length in range(len(data)):
        with pytest.raises(TamperedError):
            read_track(data[:length])
