# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The media types of stored files."""

from __future__ import annotations

from pathlib import PurePath

_TYPES = {
    ".mpd": "application/dash+xml",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".mp4": "video/mp4",
    ".m4s": "video/iso.segment",
    ".ts": "video/mp2t",
    ".vtt": "text/vtt",
}
MANIFESTS = (".mpd", ".m3u8")


def content_type(name: str) -> str:
    """Return the media type of a file from its suffix."""
    return _TYPES.get(PurePath(name).suffix, "application/octet-stream")


def is_manifest(name: str) -> bool:
    """Return whether a file is a DASH manifest or an HLS playlist."""
    return name.endswith(MANIFESTS)
