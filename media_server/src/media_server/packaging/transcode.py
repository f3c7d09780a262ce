# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Encode a source as H.264 at each rung, and its audio as AAC. All files start at zero and have the same key frame times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from media_server.errors import DoubtfulError
from media_server.packaging import ladder, source, tools
from media_server.packaging.probe import Source

# Seconds between key frames. A segment is a multiple of it.
KEY_FRAME_S = 2
_SAMPLES_PER_S = 48_000
_SHORTEST_TIMEOUT_S, _SLOWEST = 900.0, 40.0
# How much may be missing at the end, in seconds and as a fraction.
_MISSING_S, _MISSING = 1.0, 0.02


@dataclass(frozen=True)
class Encodings:
    """The unencrypted files, to be packaged and removed."""

    videos: list[tuple[ladder.Rung, Path]]
    audio: Path | None


def transcode(
    path: Path, found: Source, rungs: list[ladder.Rung], folder: Path, on_progress: Callable[[float], None]
) -> Encodings:
    """Encode into `folder`.

    `on_progress` gets the finished fraction, 0 to 1, about twice a second; an error that it raises ends the work.

    Raise DoubtfulError if the source can't be decoded to its end: ffmpeg's exit status doesn't say whose fault it was.
    """
    reached = _Progress(found.duration_s, on_progress)
    encodings = Encodings(
        [(rung, folder / f"{rung.name}.mp4") for rung in rungs],
        folder / "audio.mp4" if found.audio_index is not None else None,
    )
    with source.opened(path) as file:
        finished = tools.run(
            tools.FFMPEG,
            _arguments(found, encodings),
            source=file,
            timeout_s=max(_SHORTEST_TIMEOUT_S, _SLOWEST * found.duration_s),
            on_line=reached.line,
            tick=reached.tell,
        )
    if finished.status:
        message = f"the source can't be decoded after {reached.at_s:.1f} of {found.duration_s:.1f} s"
        raise DoubtfulError("undecodable-source", message)
    if reached.at_s < found.duration_s - max(_MISSING_S, _MISSING * found.duration_s):
        raise DoubtfulError(
            "truncated-source",
            f"the source ends after {reached.at_s:.1f} of {found.duration_s:.1f} s: the upload is incomplete",
        )
    return encodings


class _Progress:
    """Parses the output of ffmpeg's `-progress`."""

    def __init__(self, duration_s: float, on_progress: Callable[[float], None]):
        self._duration_s, self._on_progress = duration_s, on_progress
        self.at_s = 0.0

    def line(self, line: str) -> None:
        name, _, value = line.partition("=")
        if name == "out_time_us" and value.strip().isdigit():
            self.at_s = int(value) / 1e6

    def tell(self) -> None:
        self._on_progress(min(1.0, self.at_s / self._duration_s))


def _arguments(found: Source, encodings: Encodings) -> list[str]:
    arguments = ["-v", "error", "-nostdin", "-y", "-progress", "pipe:1", "-stats_period", "0.5"]
    arguments += [*source.INPUT, "-filter_complex", _filters(found, encodings)]
    for number, (rung, file) in enumerate(encodings.videos):
        arguments += ["-map", f"[v{number}]", *_video(rung), *_container(file)]
    if encodings.audio:
        arguments += ["-map", "[a]", "-c:a", "aac", "-b:a", "128k", *_container(encodings.audio)]
    return arguments


def _filters(found: Source, encodings: Encodings) -> str:
    """Return the filter graph. The source is decoded once; a stream that starts late is padded, so that all start at zero."""
    chains = _video_filters(found, encodings) if encodings.videos else []
    if encodings.audio:
        chains.append(
            f"[0:{found.audio_index}]aresample={_SAMPLES_PER_S}:async=1:first_pts=0,"
            "aformat=sample_fmts=fltp:channel_layouts=mono|stereo[a]"
        )
    return ";".join(chains)


def _video_filters(found: Source, encodings: Encodings) -> list[str]:
    rate = ladder.output_rate(found.rate)
    count = len(encodings.videos)
    split = "".join(f"[s{number}]" for number in range(count))
    return [
        f"[0:{found.video_index}]yadif=deint=interlaced,fps={rate}:start_time=0,split={count}{split}",
        *(
            f"[s{number}]scale={rung.width}:{rung.height},setsar=1,format=yuv420p[v{number}]"
            for number, (rung, _) in enumerate(encodings.videos)
        ),
    ]


def _video(rung: ladder.Rung) -> list[str]:
    return [
        "-c:v", "libx264",
        "-preset", "veryfast",
        "-profile:v", "high",
        "-b:v", str(rung.bits_per_s),
        "-maxrate", str(rung.bits_per_s * 3 // 2),
        "-bufsize", str(rung.bits_per_s * 2),
        "-force_key_frames", f"expr:gte(t,n_forced*{KEY_FRAME_S})",
        "-sc_threshold", "0",
    ]  # fmt: skip


def _container(file: Path) -> list[str]:
    # Metadata of the source, such as location or camera, is private.
    return ["-map_metadata", "-1", "-map_chapters", "-1", "-f", "mp4", f"file:{file}"]
