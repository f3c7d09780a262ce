# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A short video of colour bars for uploads."""

from __future__ import annotations

from pathlib import Path

from tests.media.sources import encode

SECONDS, RATE = 8, 25
FRAMES = SECONDS * RATE


def colour_bars(file: Path, seconds: int = SECONDS) -> Path:
    """Encode colour bars with a tone."""
    bars = ("-f", "lavfi", "-i", f"smptebars=size=640x360:rate={RATE}:duration={seconds}")
    tone = ("-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={seconds}")
    codecs = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac")
    return encode(file, *bars, *tone, *codecs)
