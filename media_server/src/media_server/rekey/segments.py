# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""CMAF: init and media segments."""

from __future__ import annotations

from media_server.isobmff.boxes import Data
from media_server.isobmff.fragments import read_samples
from media_server.isobmff.track import Track, read_track
from media_server.rekey import cbcs, cenc

_CIPHERS = {"cenc": cenc.rekey_samples, "cbcs": cbcs.rekey_samples}


def rekey_init(data: Data, new_kid: bytes) -> bytes:
    """The init segment with another key id. Raises TamperedError if it is none of an encrypted track."""
    changed = bytearray(data)
    for offset in read_track(data).kid_offsets:
        changed[offset : offset + len(new_kid)] = new_kid
    return bytes(changed)


def rekey_segment(data: Data, track: Track, old_key: bytes, new_key: bytes) -> bytes:
    """The media segment under another key; `track` is `read_track()` of either init segment.

    The scheme has no check value of its own: an `old_key` that is wrong is not noticed here. Keys have 16 bytes.
    Raises TamperedError if the segment is damaged, or of a kind that the packager does not write.
    """
    changed = bytearray(data)
    _CIPHERS[track.scheme](changed, track, read_samples(data, track), old_key, new_key)
    return bytes(changed)
