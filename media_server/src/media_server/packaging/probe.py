# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Inspect an upload and choose the streams to package. Unsupported sources are refused here, before anything is encoded.

A lesson without video is packaged as well. What neither container nor streams say is found by reading the source.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from media_server.errors import DoubtfulError, UnprocessableError
from media_server.packaging import source, tools
from media_server.packaging.scan import Scanned, scan

LONGEST_S = 12 * 3600.0
_SMALLEST, _LARGEST = 16, 8192
_MOST_STREAMS = 64
_MOST_CHANNELS = 16
_TIMEOUT_S = 60.0
# ffmpeg's own limit below which a format is a guess (AVPROBE_SCORE_RETRY).
_GUESSED = 25
# For sources that don't tell their rate, such as recordings of browsers: slides and fast pictures follow each other there.
_USUAL_RATE = Fraction(30)
_ASKED = (
    "format=duration,format_name,probe_score:"
    "stream=index,codec_type,codec_name,width,height,avg_frame_rate,channels,sample_rate,duration:"
    "stream_disposition=attached_pic:stream_side_data=rotation"
)


@dataclass(frozen=True)
class Source:
    """The first video stream, with its displayed (rotated) size, and the first audio stream. One of both may be missing."""

    width: int
    height: int
    rate: Fraction
    duration_s: float
    video_index: int | None
    audio_index: int | None


def probe(path: Path, tick: tools.Tick | None = None) -> Source:
    """Inspect an upload. Raise UnprocessableError if it is not a supported video or sound."""
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
        # Only the name of the format is certain: other failures may be this host's.
        kind = UnprocessableError if "not on whitelist" in answer.errors else DoubtfulError
        raise kind("not-a-video", "the source is not a video, is damaged, or has an unsupported format")
    if not _is_incomplete(found):
        return read_answer(found)
    chosen = [one["index"] for kind in ("video", "audio") if (one := _first(found.get("streams") or [], kind))]
    return read_answer(found, scan(path, chosen, tick) if chosen else None)


def _is_incomplete(found: dict) -> bool:
    """Return whether the source has to be read to its end, because it doesn't say all of itself, or only estimates."""
    streams = [one for kind in ("video", "audio") if (one := _first(found.get("streams") or [], kind))]
    names = str(found.get("format", {}).get("format_name", "")).split(",")
    rates = [_declared_rate(one) for one in streams if one.get("codec_type") == "video"]
    return not source.ESTIMATED.isdisjoint(names) or None in rates or not _declared(found, streams) > 0


def read_answer(found: dict, scanned: Scanned | None = None) -> Source:
    """Check the output of ffprobe and return the source. Raise UnprocessableError.

    What was `scanned` counts more than what the source says of itself.
    """
    streams = found.get("streams") or []
    if _number(found.get("format", {}).get("probe_score", _GUESSED + 1)) <= _GUESSED:
        raise UnprocessableError("not-a-video", "the source is not a video, is damaged, or has an unsupported format")
    if len(streams) > _MOST_STREAMS:
        raise UnprocessableError(
            "unsupported-source", f"the source has {len(streams)} streams, more than {_MOST_STREAMS}"
        )
    video = _first(streams, "video")
    audio = _first(streams, "audio")
    packaged = [one for one in (video, audio) if one]
    if not packaged:
        raise UnprocessableError("no-video", "the source has neither video nor sound")
    if video and video.get("codec_name") not in source.VIDEO_CODECS:
        message = f"the video codec {_name(video)} is not supported. Fix: encode it as H.264, HEVC or VP9."
        raise UnprocessableError("unsupported-codec", message)
    if audio and audio.get("codec_name") not in source.AUDIO_CODECS:
        message = f"the audio codec {_name(audio)} is not supported. Fix: encode it as AAC, Opus or FLAC."
        raise UnprocessableError("unsupported-codec", message)
    if audio and not (0 < _number(audio.get("channels")) <= _MOST_CHANNELS and _number(audio.get("sample_rate")) > 0):
        raise UnprocessableError(
            "unsupported-source", "the source's audio has an unsupported number of channels, or no sample rate"
        )
    width, height = _size(video) if video else (0, 0)
    duration = scanned.duration_s if scanned else _declared(found, packaged)
    if not 0 < duration <= LONGEST_S:
        raise UnprocessableError(
            "unsupported-duration", f"a duration of {duration:.0f} s is not supported: the maximum is {LONGEST_S:.0f} s"
        )
    return Source(
        width,
        height,
        _rate(video, scanned) if video else Fraction(0),
        duration,
        video["index"] if video else None,
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


def _declared_rate(video: dict) -> Fraction | None:
    """Return the average rate that the source declares; None if it declares none."""
    try:
        rate = Fraction(video.get("avg_frame_rate", "0"))
    except (ValueError, ZeroDivisionError):
        return None
    return rate or None


def _rate(video: dict, scanned: Scanned | None) -> Fraction:
    rate = _declared_rate(video)
    if rate is None and scanned and scanned.pictures and scanned.duration_s:
        rate = max(_USUAL_RATE, Fraction(round(scanned.pictures / scanned.duration_s)))
    if rate is None or not 0 < rate <= 1000:
        raise UnprocessableError("unsupported-rate", "the source's video has no frame rate, or an unsupported one")
    return rate


def _declared(found: dict, packaged: list[dict]) -> float:
    """Return the duration of the longest packaged stream; not every container stores one per stream."""
    known = max((_number(stream.get("duration")) for stream in packaged), default=0.0)
    return known or _number(found.get("format", {}).get("duration"))
