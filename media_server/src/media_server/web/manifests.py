# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Rewrite manifests and playlists for one viewer: the URLs of segments and keys, and the token for them. Pure functions.

DASH: ISO/IEC 23009-1, and https://dashif.org/docs/DASH-IF-IOP-v4.3.pdf, section 7.6.2.4 (ClearKey's licence URL).
HLS: RFC 8216.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from lxml import etree

from media_server.errors import UnprocessableError

_MPD = "urn:mpeg:dash:schema:mpd:2011"
_DASHIF = "https://dashif.org/CPS"
_PROTECTED = "urn:mpeg:dash:mp4protection:2011"
_CLEARKEY = "urn:uuid:e2719d58-a985-b3c9-781a-b030af78d30e"
# The attributes with URLs of files, to which a token is appended.
_ADDRESSES = ("media", "initialization", "index", "sourceURL", "bitstreamSwitching")
_URI = re.compile(r'URI="([^"]*)"')
_KEY_TAGS = ("#EXT-X-KEY:", "#EXT-X-SESSION-KEY:")
_METHOD = re.compile(r"METHOD=([A-Z0-9-]+)")
_IV = re.compile(r"IV=(0[xX][0-9A-Fa-f]{1,32})")


@dataclass(frozen=True)
class Viewer:
    """The URLs for one viewer, without a trailing slash.

    `playlists` and `segments` are the folders of one version, on this server and where segments are served. `token` is
    appended to URLs of this server; segments of a CDN need none, because cookies give access to them.
    """

    playlists: str
    segments: str
    licence: str
    key: str
    token: str
    token_on_segments: bool

    def with_token(self, url: str) -> str:
        """Return a URL of this server with the token."""
        return f"{url}?token={quote(self.token, safe='')}"

    def segment(self, name: str) -> str:
        """Return the URL of a file of the version."""
        url = f"{self.segments}/{name}"
        return self.with_token(url) if self.token_on_segments else url


def rewrite_mpd(text: bytes, viewer: Viewer) -> bytes:
    """Rewrite a DASH manifest: base URL, tokens and licence URL. Raise UnprocessableError if it isn't a manifest."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(text, parser)
    except etree.LxmlError:
        raise UnprocessableError("bad-manifest", "The stored manifest can't be read.") from None
    if root.tag != f"{{{_MPD}}}MPD":
        raise UnprocessableError("bad-manifest", "The stored manifest isn't a DASH manifest.")
    for location in root.findall(f"{{{_MPD}}}Location"):
        root.remove(location)
    if viewer.token_on_segments:
        _append_tokens(root, viewer)
    base = etree.Element(f"{{{_MPD}}}BaseURL")
    base.text = f"{viewer.segments}/"
    # After ProgramInformation, as the schema requires.
    root.insert(sum(1 for child in root if child.tag == f"{{{_MPD}}}ProgramInformation"), base)
    for protection in list(root.iter(f"{{{_MPD}}}ContentProtection")):
        _tell_licence(protection, viewer)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _append_tokens(root: etree._Element, viewer: Viewer) -> None:
    for element in root.iter():
        for name in _ADDRESSES:
            value = element.get(name)
            if value is not None and not urlsplit(value).query:
                element.set(name, viewer.with_token(value))
        # A base URL that is a file takes a token; that of a folder doesn't.
        if element.tag == f"{{{_MPD}}}BaseURL" and element.text and not element.text.endswith("/"):
            element.text = viewer.with_token(element.text)


def _tell_licence(protection: etree._Element, viewer: Viewer) -> None:
    scheme, parent = protection.get("schemeIdUri", "").lower(), protection.getparent()
    if scheme == _CLEARKEY:
        parent.remove(protection)
    if scheme != _PROTECTED:
        return
    clearkey = etree.Element(f"{{{_MPD}}}ContentProtection", nsmap={"dashif": _DASHIF})
    clearkey.set("schemeIdUri", _CLEARKEY)
    clearkey.set("value", "ClearKey1.0")
    etree.SubElement(clearkey, f"{{{_DASHIF}}}Laurl").text = viewer.with_token(viewer.licence)
    protection.addnext(clearkey)


def rewrite_playlist(text: str, viewer: Viewer) -> str:
    """Rewrite an HLS master or media playlist. Raise UnprocessableError if it isn't a playlist."""
    lines = text.splitlines()
    if not lines or lines[0].strip() != "#EXTM3U":
        raise UnprocessableError("bad-manifest", "The stored playlist isn't an HLS playlist.")
    return "\n".join(_rewritten(line.strip(), viewer) for line in lines) + "\n"


def _rewritten(line: str, viewer: Viewer) -> str:
    if line.startswith(_KEY_TAGS):
        return _key_tag(line, viewer)
    if line.startswith("#"):
        return _URI.sub(lambda found: f'URI="{_address(found[1], viewer)}"', line)
    return _address(line, viewer) if line else line


def _address(name: str, viewer: Viewer) -> str:
    if urlsplit(name).scheme or name.startswith("/") or ".." in name.split("/"):
        raise UnprocessableError("bad-manifest", "The stored playlist refers to a file outside its folder.")
    if name.endswith(".m3u8"):
        return viewer.with_token(f"{viewer.playlists}/{name}")
    return viewer.segment(name)


def _key_tag(line: str, viewer: Viewer) -> str:
    tag = line.partition(":")[0]
    method, iv = _METHOD.search(line), _IV.search(line)
    if method is None:
        raise UnprocessableError("bad-manifest", "The stored playlist has no encryption method.")
    if method[1] == "NONE":
        return f"{tag}:METHOD=NONE"
    vector = f",IV={iv[1]}" if iv else ""
    # KEYFORMAT "identity" is the default and means the 16 bytes themselves.
    return f'{tag}:METHOD={method[1]},URI="{viewer.with_token(viewer.key)}"{vector}'
