# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Open an upload for ffmpeg: this file only, in one of a few formats."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from media_server.errors import UnprocessableError
from media_server.packaging.completeness import check_completeness

# ffmpeg's names. No playlists, concatenations or image sequences: they refer to other files and URLs.
_FORMATS = (
    "mov", "mp4", "matroska", "webm", "avi", "mpegts", "mpeg", "flv", "asf", "ogg", "mp3", "aac", "flac", "wav", "aiff",
)  # fmt: skip
# Formats that don't say how long they are: ffprobe estimates it from the bit rate, or from the first and last time stamp.
ESTIMATED = {"mpegts", "mpeg", "mp3", "aac"}
VIDEO_CODECS = (
    "h264", "hevc", "mpeg4", "mpeg1video", "mpeg2video", "msmpeg4v3", "h263", "flv1", "vp8", "vp9", "theora", "vc1",
    "wmv1", "wmv2", "wmv3", "prores", "dnxhd", "mjpeg", "ffv1",
)  # fmt: skip
AUDIO_CODECS = (
    "aac", "mp3", "mp2", "ac3", "eac3", "opus", "vorbis", "flac", "alac", "amr_nb", "amr_wb", "wmav1", "wmav2",
    "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_f32le", "pcm_u8", "pcm_alaw", "pcm_mulaw",
)  # fmt: skip
MOST_PIXELS = 8192 * 4320

# The file is opened here and passed as standard input, and `fd` is the only allowed protocol: whatever the content says,
# ffmpeg can open neither another file nor a URL.
INPUT = (
    "-protocol_whitelist", "fd",
    "-format_whitelist", ",".join(_FORMATS),
    "-max_pixels", str(MOST_PIXELS),
    "-probesize", str(50_000_000),
    "-analyzeduration", str(30_000_000),
    "-i", "fd:",
)  # fmt: skip


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open the upload. Raise UnprocessableError if it is not a regular file, empty or truncated."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        raise _unreadable() from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _unreadable()
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        length = os.fstat(descriptor).st_size
        if not length:
            raise UnprocessableError("empty-source", "the source is empty")
        check_completeness(file, length)
        yield file


def _unreadable() -> UnprocessableError:
    return UnprocessableError("unreadable-source", "the source is not a readable file")
