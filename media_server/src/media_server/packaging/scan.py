# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read a whole source, without decoding it, to learn how long it is: recordings of browsers don't say so, and streams can't.

ffmpeg corrects the jumps of a transport stream's clock here just as it does when it encodes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from media_server.errors import DoubtfulError
from media_server.packaging import source, tools

_TIMEOUT_S = 3600.0


@dataclass(frozen=True)
class Scanned:
    """The duration of the longest stream, and how many pictures there are."""

    duration_s: float
    pictures: int


def scan(path: Path, streams: Sequence[int], tick: tools.Tick | None = None) -> Scanned:
    """Read all packets of these streams. Raise DoubtfulError if that fails."""
    chosen = [argument for index in streams for argument in ("-map", f"0:{index}")]
    with source.opened(path) as file:
        finished = tools.run(
            tools.FFMPEG,
            ["-v", "error", "-nostdin", "-progress", "pipe:1", *source.INPUT, *chosen, "-c", "copy", "-f", "null", "-"],
            source=file,
            timeout_s=_TIMEOUT_S,
            tick=tick,
        )
    if finished.status:
        raise DoubtfulError("undecodable-source", "the source can't be read to its end")
    # The last block of progress counts.
    told = dict(line.split("=", 1) for line in finished.output.splitlines() if "=" in line)
    return Scanned(_number(told.get("out_time_us")) / 1e6, _number(told.get("frame")))


def _number(text: str | None) -> int:
    stripped = (text or "").strip()
    return int(stripped) if stripped.isdigit() else 0
