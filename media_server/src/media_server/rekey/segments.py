# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Re-encrypt CMAF init and media segments."""

from __future__ import annotations

from media_server.isobmff.boxes import Data
from media_server.isobmff.fragments import read_samples
from media_server.isobmff.track import Track, read_track
from media_server.rekey import cbcs, cenc

_CIPHERS = {"cenc": cenc.rekey_samples, "cbcs": cbcs.rekey_samples}


def rekey_init(data: Data, new_kid: bytes) -> bytes:
    """Return the init segment with the new key ID. Raise TamperedError if it has no encrypted track."""
    changed = bytearray(data)
    for offset in read_track(data).kid_offsets:
        changed[offset : offset + len(new_kid)] = new_kid
    return bytes(changed)


def rekey_segment(data: Data, track: Track, old_key: bytes, new_key: bytes) -> bytes:
    """Return the media segment encrypted with the new key; `track` is `read_track()` of either init segment.

    A wrong `old_key` is not detected here: CMAF has no check value. Keys have 16 bytes.
    Raise TamperedError if the segment is damaged, or not as the packager writes it.
    """
    changed = bytearray(data)
    _CIPHERS[track.scheme](changed, track, read_samples(data, track), old_key, new_key)
    return bytes(changed)
