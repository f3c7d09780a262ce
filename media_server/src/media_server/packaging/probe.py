# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Inspect an upload and choose the streams to package. Unsupported sources are refused here, before anything is encoded."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from media_server.errors import UnprocessableError
from media_server.packaging import source, tools

LONGEST_S = 12 * 3600.0
_SMALLEST, _LARGEST = 16, 8192
_MOST_STREAMS = 64
_MOST_CHANNELS = 16
_TIMEOUT_S = 60.0
_ASKED = (
    "format=duration:"
    "stream=index,codec_type,codec_name,width,height,avg_frame_rate,channels,sample_rate,duration:"
    "stream_disposition=attached_pic:stream_side_data=rotation"
)


@dataclass(frozen=True)
class Source:
    """The first video stream, with its displayed (rotated) size, and the first audio stream if there is one."""

    width: int
    height: int
    rate: Fraction
    duration_s: float
    video_index: int
    audio_index: int | None


def probe(path: Path) -> Source:
    """Inspect an upload. Raise UnprocessableError if it is not a supported video."""
    with source.opened(path) as file:
        answer = tools.run(
            tools.FFPROBE,
            ["-v", "error", "-show_entries", _ASKED, "-of", "json", *source.INPUT],
            source=file,
            timeout_s=_TIMEOUT_S,
        )
    try:
        found = json.loads(answer.output)
    except ValueError:
        found = {}
    if answer.status or not isinstance(found, dict):
        raise UnprocessableError("not-a-video", "the source is not a video, is damaged, or has an unsupported format")
    return read_answer(found)


def read_answer(found: dict) -> Source:
    """Check the output of ffprobe and return the source. Raise UnprocessableError."""
    streams = found.get("streams") or []
    if len(streams) > _MOST_STREAMS:
        raise UnprocessableError(
            "unsupported-source", f"the source has {len(streams)} streams, more than {_MOST_STREAMS}"
        )
    video = _first(streams, "video")
    if video is None:
        raise UnprocessableError("no-video", "the source has no video")
    audio = _first(streams, "audio")
    if video.get("codec_name") not in source.VIDEO_CODECS:
        raise UnprocessableError("unsupported-codec", f"the video codec {_name(video)} is not supported")
    if audio and audio.get("codec_name") not in source.AUDIO_CODECS:
        raise UnprocessableError("unsupported-codec", f"the audio codec {_name(audio)} is not supported")
    if audio and not (0 < _number(audio.get("channels")) <= _MOST_CHANNELS and _number(audio.get("sample_rate")) > 0):
        raise UnprocessableError(
            "unsupported-source", "the source's audio has an unsupported number of channels, or no sample rate"
        )
    width, height = _size(video)
    return Source(
        width,
        height,
        _rate(video),
        _duration(found, [video, audio] if audio else [video]),
        video["index"],
        audio["index"] if audio else None,
    )


def _first(streams: list[dict], kind: str) -> dict | None:
    fitting = (one for one in streams if one.get("codec_type") == kind and not _is_cover(one))
    return next(fitting, None)


def _is_cover(stream: dict) -> bool:
    return bool(stream.get("disposition", {}).get("attached_pic"))


def _name(stream: dict) -> str:
    """Return the codec's name. It comes from ffmpeg's table, not from the file."""
    return str(stream.get("codec_name", "an unknown codec"))[:32]


def _number(value: object) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return 0.0
    return number if math.isfinite(number) else 0.0


def _size(video: dict) -> tuple[int, int]:
    width, height = (int(_number(video.get(side))) for side in ("width", "height"))
    if not all(_SMALLEST <= side <= _LARGEST for side in (width, height)) or width * height > source.MOST_PIXELS:
        raise UnprocessableError("unsupported-size", f"a picture size of {width} by {height} is not supported")
    turned = any(_number(one.get("rotation")) % 180 == 90 for one in video.get("side_data_list", []))
    return (height, width) if turned else (width, height)


def _rate(video: dict) -> Fraction:
    try:
        rate = Fraction(video.get("avg_frame_rate", "0"))
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if not 0 < rate <= 1000:
        raise UnprocessableError("unsupported-rate", "the source's video has no frame rate, or an unsupported one")
    return rate


def _duration(found: dict, packaged: list[dict]) -> float:
    """Return the duration of the longest packaged stream; not every container stores one per stream."""
    known = max(_number(stream.get("duration")) for stream in packaged)
    duration = known or _number(found.get("format", {}).get("duration"))
    if not 0 < duration <= LONGEST_S:
        raise UnprocessableError(
            "unsupported-duration", f"a duration of {duration:.0f} s is not supported: the maximum is {LONGEST_S:.0f} s"
        )
    return duration
