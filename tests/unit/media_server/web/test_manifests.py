# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Manifests as a viewer gets them. The browser tests show what players make of them."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from media_server.errors import UnprocessableError
from media_server.web.manifests import Viewer, rewrite_mpd, rewrite_playlist

HERE = Viewer(
    playlists="https://m.example/v1/play/acme/intro/v3",
    segments="https://m.example/v1/play/acme/intro/v3",
    licence="https://m.example/v1/licence/clearkey",
    key="https://m.example/v1/keys/00ff",
    token="to.k&n",
    token_on_segments=True,
)
CDN = Viewer(HERE.playlists, "https://cdn.example/media/acme/intro/v3", HERE.licence, HERE.key, HERE.token, False)
MPD = b"""<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" xmlns:cenc="urn:mpeg:cenc:2013" type="static">
  <ProgramInformation/>
  <Location>https://elsewhere.example/manifest.mpd</Location>
  <Period><AdaptationSet>
    <ContentProtection schemeIdUri="urn:mpeg:dash:mp4protection:2011" value="cbcs" cenc:default_KID="00"/>
    <ContentProtection schemeIdUri="URN:UUID:E2719D58-A985-B3C9-781A-B030AF78D30E"/>
    <Representation id="0">
      <SegmentTemplate initialization="a/init.mp4" media="a/$Number$.m4s"/>
    </Representation>
    <Representation id="1"><BaseURL>b.mp4</BaseURL></Representation>
  </AdaptationSet></Period>
</MPD>"""
NAMES = {"m": "urn:mpeg:dash:schema:mpd:2011", "d": "https://dashif.org/CPS"}


def test_a_manifest_names_the_version_the_token_and_the_licence():
    root = ElementTree.fromstring(rewrite_mpd(MPD, HERE))
    assert [child.tag.partition("}")[2] for child in root] == ["ProgramInformation", "BaseURL", "Period"]
    assert root.find("m:BaseURL", NAMES).text == "https://m.example/v1/play/acme/intro/v3/"
    template = root.find(".//m:SegmentTemplate", NAMES)
    assert template.get("initialization") == "a/init.mp4?token=to.k%26n"
    assert template.get("media") == "a/$Number$.m4s?token=to.k%26n"
    assert root.find(".//m:Representation/m:BaseURL", NAMES).text == "b.mp4?token=to.k%26n"
    protections = root.findall(".//m:ContentProtection", NAMES)
    assert [item.get("schemeIdUri") for item in protections] == [
        "urn:mpeg:dash:mp4protection:2011",
        "urn:uuid:e2719d58-a985-b3c9-781a-b030af78d30e",
    ]
    assert protections[1].find("d:Laurl", NAMES).text == "https://m.example/v1/licence/clearkey?token=to.k%26n"


def test_urls_of_a_cdn_have_no_token():
    root = ElementTree.fromstring(rewrite_mpd(MPD, CDN))
    assert root.find("m:BaseURL", NAMES).text == "https://cdn.example/media/acme/intro/v3/"
    assert root.find(".//m:SegmentTemplate", NAMES).get("media") == "a/$Number$.m4s"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"<MPD/>",
        b"<a",
        b"\xff",
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
    ],
)
def test_anything_but_a_manifest_is_refused(text):
    with pytest.raises(UnprocessableError):
        rewrite_mpd(text, HERE)


def test_entities_of_a_manifest_are_not_opened():
    text = b'<!DOCTYPE MPD [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + MPD.partition(b"?>")[2].replace(
        b"b.mp4", b"&a;"
    )
    assert b"root:" not in rewrite_mpd(text, HERE)


PLAYLIST = """#EXTM3U
#EXT-X-TARGETDURATION:4
#EXT-X-MAP:URI="init.mp4"
#EXT-X-KEY:METHOD=SAMPLE-AES,URI="data:text/plain;base64,AAAA",IV=0x0123,KEYFORMATVERSIONS="1",KEYFORMAT="identity"
#EXTINF:4,
1.m4s
#EXT-X-KEY:METHOD=NONE
#EXTINF:4,
2.m4s
#EXT-X-ENDLIST
"""


def test_a_playlist_names_the_key_and_the_token():
    lines = rewrite_playlist(PLAYLIST, HERE).splitlines()
    assert lines[2] == '#EXT-X-MAP:URI="https://m.example/v1/play/acme/intro/v3/init.mp4?token=to.k%26n"'
    assert lines[3] == '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="https://m.example/v1/keys/00ff?token=to.k%26n",IV=0x0123'
    assert lines[5] == "https://m.example/v1/play/acme/intro/v3/1.m4s?token=to.k%26n"
    assert lines[6] == "#EXT-X-KEY:METHOD=NONE"
    assert lines[-1] == "#EXT-X-ENDLIST"


def test_with_a_cdn_only_urls_of_this_server_have_the_token():
    text = '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,URI="a.m3u8"\nv.m3u8\n1.ts\n'
    assert rewrite_playlist(text, CDN).splitlines() == [
        "#EXTM3U",
        '#EXT-X-MEDIA:TYPE=AUDIO,URI="https://m.example/v1/play/acme/intro/v3/a.m3u8?token=to.k%26n"',
        "https://m.example/v1/play/acme/intro/v3/v.m3u8?token=to.k%26n",
        "https://cdn.example/media/acme/intro/v3/1.ts",
    ]


@pytest.mark.parametrize(
    "line", ["https://elsewhere.example/1.ts", "//elsewhere.example/1.ts", "/1.ts", "../v2/1.ts", "a/../../1.ts"]
)
def test_a_playlist_that_refers_outside_its_folder_is_refused(line):
    for text in (f"#EXTM3U\n{line}\n", f'#EXTM3U\n#EXT-X-MAP:URI="{line}"\n'):
        with pytest.raises(UnprocessableError):
            rewrite_playlist(text, HERE)


@pytest.mark.parametrize("text", ["", "v.m3u8", "#EXTM3U8\n", "#EXTM3U\n#EXT-X-KEY:URI=x\n"])
def test_anything_but_a_playlist_is_refused(text):
    with pytest.raises(UnprocessableError):
        rewrite_playlist(text, HERE)


@given(st.text(max_size=200), st.binary(max_size=200))
def test_no_text_crashes(text, data):
    for call in (lambda: rewrite_playlist("#EXTM3U\n" + text, HERE), lambda: rewrite_mpd(data, HERE)):
        try:
            call()
        except UnprocessableError:
            continue
