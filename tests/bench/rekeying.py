# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Re-keying and packaging of video, on segments as a course has them: 1080p at more than 20 Mbit/s, of about 6 MB."""

from __future__ import annotations

import io
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from media_server.packaging import cmaf
from media_server.packaging.cmaf import Protection, package_cmaf
from media_server.packaging.ladder import Rung
from media_server.packaging.transcode import Encodings
from media_server.rekey import read_track, rekey_segment, rekey_stream

from lab.settings import CHECKOUT
from tests.bench.harness import Context, Row, compare, row
from tests.media.sources import noise

_OLD_KEY, _NEW_KEY, _KID, _IV = (bytes(range(start, start + 16)) for start in (0, 16, 32, 48))
_SECONDS, _SEGMENT_S = 10, 2
_STREAM_MB = 256
_CHUNK = 1 << 18
_TIMES = 4  # packaging takes a fraction of a second
_SMALL_MB, _LARGE_MB = 100, 1000


def measure_media(context: Context) -> Iterator[Row]:
    """Yield the rows."""
    encodings = _encode(context.work)
    for scheme in ("cbcs", "cenc"):
        yield _rekey_cmaf(context, encodings, scheme)
    yield _rekey_hls(context)
    yield _package(context, encodings)
    yield _memory(context, encodings)


def _encode(work: Path) -> Encodings:
    """The sound is packaged and re-keyed with the pictures."""
    folder = work / "clear"
    folder.mkdir()
    film = noise(folder / "film.mp4", _SECONDS)
    return Encodings([(Rung(1920, 1080, 25_000_000), film)], film)


def _packaged(encodings: Encodings, out: Path, scheme: str | None) -> Path:
    out.mkdir()
    package_cmaf(encodings, out, Protection(scheme, _KID, _OLD_KEY, _IV) if scheme else None)
    return out


@dataclass(frozen=True)
class _Asset:
    """All tracks' segments, in memory."""

    parts: list[tuple]
    size: int


def _asset(encodings: Encodings, out: Path, scheme: str) -> _Asset:
    cmaf.SEGMENT_S, usual = _SEGMENT_S, cmaf.SEGMENT_S
    try:
        _packaged(encodings, out, scheme)
    finally:
        cmaf.SEGMENT_S = usual
    parts = [
        (file.read_bytes(), read_track((folder / "init.mp4").read_bytes()))
        for folder in (out / "video_1080", out / "audio")
        for file in sorted(folder.glob("*.m4s"))
    ]
    return _Asset(parts, sum(len(data) for data, _ in parts))


def _cpu(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def _rekey_cmaf(context: Context, encodings: Encodings, scheme: str) -> Row:
    asset = _asset(encodings, context.work / f"{scheme}-asset", scheme)
    before, ours, copies = os.getloadavg()[0], [], []
    for _ in range(context.repeats):
        ours.append(
            asset.size
            / 1e6
            / _cpu(lambda: [rekey_segment(data, track, _OLD_KEY, _NEW_KEY) for data, track in asset.parts])
        )
        copies.append(asset.size / 1e6 / _cpu(lambda: [bytes(bytearray(data)) for data, _ in asset.parts]))
    return row(
        "rekey_cmaf_mb_s_per_core" if scheme == "cbcs" else f"rekey_cmaf_{scheme}_mb_s_per_core",
        ours,
        copies,
        (before, os.getloadavg()[0]),
        unit="MB/s",
        against="copying the same segments in memory, twice",
        bar=">= 200 MB/s",
        note=f"{scheme}; MB a second of CPU, {len(asset.parts)} segments of a 1080p video and its sound, {asset.size / 1e6:.0f} MB",
    )


class _Nowhere(io.RawIOBase):
    def write(self, data: object) -> int:
        return len(data)  # type: ignore[arg-type]


def _rekey_hls(context: Context) -> Row:
    encrypted = _padded_zeros(_STREAM_MB << 20)
    before, ours, theirs = os.getloadavg()[0], [], []
    for _ in range(context.repeats):
        took = _cpu(lambda: rekey_stream(io.BytesIO(encrypted), _Nowhere(), _OLD_KEY, _IV, _NEW_KEY, _IV))
        ours.append(len(encrypted) / 1e6 / took)
        theirs.append(_openssl_speed())
    return row(
        "rekey_hls_vs_openssl",
        ours,
        theirs,
        (before, os.getloadavg()[0]),
        unit="MB/s",
        against="`openssl speed -evp aes-128-cbc`, which encrypts only",
        bar="ratio >= 0.4",
        note=f"ours decrypts and encrypts; MB a second of CPU, a stream of {_STREAM_MB} MiB",
    )


def _padded_zeros(size: int) -> bytes:
    command = ["openssl", "enc", "-aes-128-cbc", "-K", _OLD_KEY.hex(), "-iv", _IV.hex()]
    return subprocess.run(command, input=bytes(size), capture_output=True, check=True).stdout


def _openssl_speed() -> float:
    """MB a second of CPU time, in calls of the size that ours has."""
    ran = subprocess.run(
        ["openssl", "speed", "-evp", "aes-128-cbc", "-seconds", "1", "-bytes", str(_CHUNK), "-mr"],
        capture_output=True,
        text=True,
        check=True,
    )
    (speed,) = re.findall(r"(?m)^\+F:\d+:[^:]*:([\d.]+)$", ran.stdout)
    return float(speed) / 1e6


def _children_cpu(work: Callable[[], object]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _package(context: Context, encodings: Encodings) -> Row:
    numbers = iter(range(10_000))

    def packaging(scheme: str | None) -> float:
        return _children_cpu(
            lambda: [_packaged(encodings, context.work / f"packaged-{next(numbers)}", scheme) for _ in range(_TIMES)]
        )

    packaging(None)
    return compare(
        context,
        "package_cbcs_vs_clear_cpu",
        lambda: packaging("cbcs"),
        lambda: packaging(None),
        against="Shaka Packager on the same files, clear",
        bar="ratio <= 1.2",
        note=lambda: f"seconds of CPU of {_TIMES} packages, without encoding",
    )


def _memory(context: Context, encodings: Encodings) -> Row:
    """A process of its own for each, so that the peak is that of one asset."""
    folder = _packaged(encodings, context.work / "memory", "cbcs") / "video_1080"
    before, small, large = os.getloadavg()[0], [], []
    for _ in range(min(3, context.repeats)):
        small.append(_peak_mb(folder, _SMALL_MB))
        large.append(_peak_mb(folder, _LARGE_MB))
    return row(
        "rekey_peak_memory_mb",
        large,
        small,
        (before, os.getloadavg()[0]),
        unit="MB",
        against=f"an asset of {_SMALL_MB} MB",
        bar="ratio <= 1.1",
        note=f"peak of a process that re-keys {_LARGE_MB} MB segment by segment, and then one stream as large; one asset of 10 GB "
        "is more segments of the same size",
    )


def _peak_mb(folder: Path, size_mb: int) -> float:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.bench.rekey_process", str(folder), str(size_mb)],
        cwd=CHECKOUT,
        env={"PYTHONPATH": f"{CHECKOUT}:{CHECKOUT / 'media_server' / 'src'}", "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(ran.stdout)
