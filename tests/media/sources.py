# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Short synthetic videos, encoded with ffmpeg when a test needs them."""

from __future__ import annotations

import subprocess
from pathlib import Path

from media_server.packaging.tools import FFMPEG


def encode(out: Path, *arguments: str) -> Path:
    """Run ffmpeg with these arguments, and return the output file."""
    subprocess.run(
        [str(FFMPEG), "-v", "error", "-nostdin", "-y", *arguments, str(out)], check=True, stdin=subprocess.DEVNULL
    )
    return out


def moving_picture(
    out: Path,
    *,
    size: str = "640x360",
    seconds: float = 7,
    rate: str = "25",
    sound: bool = True,
    more: tuple[str, ...] = (),
) -> Path:
    """Encode the moving test picture with a tone."""
    picture = ("-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}:duration={seconds}")
    tone = ("-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={seconds}") if sound else ()
    codecs = more or (
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-pix_fmt",
        "yuv420p",
        *(("-c:a", "aac") if sound else ()),
    )
    return encode(out, *picture, *tone, *codecs)


def noise(out: Path, seconds: float) -> Path:
    """Encode Full HD at 25 Mb/s with incompressible noise and a tone."""
    picture = f"testsrc2=size=1920x1080:rate=25:duration={seconds},noise=alls=20:allf=t,format=yuv420p"
    inputs = ("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", f"sine=duration={seconds}")
    rate = "25M"
    h264 = ("-preset", "ultrafast", "-g", "50", "-b:v", rate, "-minrate", rate, "-maxrate", rate, "-bufsize", rate)
    return encode(out, *inputs, "-c:v", "libx264", *h264, "-c:a", "aac", "-b:a", "128k")


def master(out: Path, seconds: float) -> Path:
    """Encode Full HD as cameras and editors write it: intra frames only, megabytes each, fast to decode."""
    picture = f"testsrc2=size=1920x1080:rate=25:duration={seconds},noise=alls=60:allf=t,format=yuvj422p"
    return encode(out, "-f", "lavfi", "-i", picture, "-c:v", "mjpeg", "-q:v", "1", "-qmin", "1")


def repeated(film: Path, out: Path, times: int) -> Path:
    """Repeat a film without encoding it again."""
    return encode(out, "-stream_loop", str(times - 1), "-i", str(film), "-c", "copy")
