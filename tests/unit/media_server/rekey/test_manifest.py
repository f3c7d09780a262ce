# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Key IDs in manifests and playlists."""

from __future__ import annotations

import base64

import pytest
from media_server.rekey import TamperedError, rekey_manifest
from media_server.rekey.manifest import key_uri

from tests.unit.media_server.isobmff.building import box, pssh

OLD, NEW = bytes.fromhex("aAbBcCdD" * 4), bytes.fromhex("01234567" * 4)
OLD_ID, NEW_ID = "aabbccdd-aabb-ccdd-aabb-ccddaabbccdd", "01234567-0123-4567-0123-456701234567"


def mpd(kid: str, *boxes: bytes) -> str:
    encoded = base64.b64encode(b"".join(boxes)).decode()
    return f'<ContentProtection cenc:default_KID="{kid}"/><cenc:pssh>{encoded}</cenc:pssh><BaseURL>{OLD_ID}</BaseURL>'


def test_mpd():
    changed = rekey_manifest(mpd(OLD_ID.upper(), pssh(OLD), pssh(OLD)), OLD, NEW)
    assert changed == mpd(NEW_ID, pssh(NEW), pssh(NEW))


def test_playlist():
    line = '#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="{}",IV=0x01\n#EXTINF:6,\naabbccdd.ts\n'
    assert rekey_manifest(line.format(key_uri(OLD)), OLD, NEW) == line.format(key_uri(NEW))
    session = '#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES,KEYFORMAT="identity",URI="{}"\n'
    assert rekey_manifest(session.format(key_uri(OLD)), OLD, NEW) == session.format(key_uri(NEW))


def test_a_text_without_a_key_does_not_change():
    text = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nvideo.m3u8\n"
    assert rekey_manifest(text, OLD, NEW) == text


@pytest.mark.parametrize(
    "text",
    [
        mpd(NEW_ID, pssh(OLD)),
        mpd(OLD_ID, pssh(NEW)),
        mpd(OLD_ID, pssh(OLD), pssh(NEW)),
        mpd(OLD_ID, pssh(OLD)[:-1]),
        mpd(OLD_ID, box(b"free")),
        mpd(OLD_ID, pssh(OLD, system=bytes(16))),
        mpd("", pssh(OLD)),
        "<cenc:pssh>no base64!</cenc:pssh>",
        "<cenc:pssh>\u0661</cenc:pssh>",
        '#EXT-X-KEY:METHOD=AES-128,URI="https://elsewhere.example/key"\n',
        f'#EXT-X-KEY:METHOD=AES-128,URI="{key_uri(NEW)}"\n',
    ],
)
def test_another_key_is_refused(text: str):
    with pytest.raises(TamperedError):
        rekey_manifest(text, OLD, NEW)
