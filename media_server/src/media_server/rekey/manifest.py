# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Replace the key ID in a DASH manifest or an HLS playlist."""

from __future__ import annotations

import base64
import binascii
import re
import uuid

from media_server.isobmff.boxes import boxes
from media_server.isobmff.errors import TamperedError
from media_server.isobmff.track import kid_offsets_of_pssh

_DEFAULT_KID = re.compile(r'(\bdefault_KID=")([^"]*)(")')
_PSSH = re.compile(r"(<cenc:pssh>)([^<]*)(</cenc:pssh>)")
_KEY_URI = re.compile(r'(?m)^(#EXT-X-(?:SESSION-)?KEY:(?:.*,)?URI=")([^"]*)(")')


def key_uri(kid: bytes) -> str:
    """Return the placeholder for the key's URI in a stored playlist. The server replaces it with its own URL and a token."""
    return f"urn:uuid:{uuid.UUID(bytes=kid)}"


def rekey_manifest(text: str, old_kid: bytes, new_kid: bytes) -> str:
    """Return the text with the new key ID. A text without a key (a master playlist) stays the same.

    Raise TamperedError if it contains a key ID other than `old_kid`.
    """
    text = _swap(_DEFAULT_KID, text, str(uuid.UUID(bytes=old_kid)), str(uuid.UUID(bytes=new_kid)))
    text = _swap(_KEY_URI, text, key_uri(old_kid), key_uri(new_kid))
    return _PSSH.sub(lambda found: found[1] + _rekey_pssh(found[2], old_kid, new_kid) + found[3], text)


def _swap(pattern: re.Pattern[str], text: str, old: str, new: str) -> str:
    def swapped(found: re.Match[str]) -> str:
        if found[2].lower() != old:
            raise TamperedError("the manifest has another key ID than the asset")
        return found[1] + new + found[3]

    return pattern.sub(swapped, text)


def _rekey_pssh(encoded: str, old_kid: bytes, new_kid: bytes) -> str:
    try:
        data = bytearray(base64.b64decode(encoded.strip(), validate=True))
    except (binascii.Error, ValueError):
        raise TamperedError("pssh in the manifest is not valid base64") from None
    for box in boxes(data, 0, len(data)):
        if box.kind != b"pssh":
            raise TamperedError(f"{box.name} found where pssh is expected")
        for offset in kid_offsets_of_pssh(data, box, old_kid):
            data[offset : offset + len(new_kid)] = new_kid
    return base64.b64encode(data).decode()
