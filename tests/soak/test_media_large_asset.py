# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""An asset of 10 GB is packaged and gets new keys in the memory that one of 100 MB takes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lab.settings import CHECKOUT
from tests.media.outside import decrypted_by_openssl, frame_hashes, segments
from tests.media.sources import master, noise, repeated
from tests.support.media_large_asset import IV, KEY, NEW_KEY, version

pytestmark = pytest.mark.soak

SCHEMES = ("cbcs", "aes-128")
SMALL_MB, LARGE_MB = 100, 10_000
# Tables of a film's samples grow with it, and nothing else may.
MOST_RATIO, SLACK_MB = 1.5, 50


def test_memory_does_not_grow_with_an_asset(tmp_path, evidence):
    short = {"film": noise(tmp_path / "film.mp4", 10), "master": master(tmp_path / "master.mov", 2)}
    small, large = (life(short, tmp_path / f"{megabytes}", megabytes) for megabytes in (SMALL_MB, LARGE_MB))
    evidence("media-large-asset", {f"{SMALL_MB}_mb": small, f"{LARGE_MB}_mb": large})
    for step, least in small.items():
        for whose in ("own_mb", "tools_mb"):
            assert large[step][whose] <= MOST_RATIO * least[whose] + SLACK_MB, (step, whose)


def life(short: dict[str, Path], folder: Path, megabytes: int) -> dict[str, dict[str, float]]:
    """What each step took, of each scheme."""
    (folder / "clear").mkdir(parents=True)
    film, found = grown(short["film"], folder / "clear" / "film.mp4", megabytes), {}
    for scheme in SCHEMES:
        found[f"package, {scheme}"] = run("package", scheme, folder)
        found[f"re-key, {scheme}"] = run("rekey", scheme, folder)
        check_last_segment(folder, scheme)
        shutil.rmtree(folder / "media")
    film.unlink()
    grown(short["master"], folder / "master.mov", megabytes)
    found["encode and package, cbcs"] = run("encode_and_package", "cbcs", folder)
    shutil.rmtree(folder)
    return found


def grown(short: Path, out: Path, megabytes: int) -> Path:
    """A video as often over as makes it so large."""
    repeated(short, out, -(-megabytes * 1_000_000 // short.stat().st_size))
    assert out.stat().st_size >= megabytes * 1_000_000 * 0.98
    return out


def run(step: str, scheme: str, folder: Path) -> dict:
    """One step, in a process of its own."""
    began = time.monotonic()
    ran = subprocess.run(
        [sys.executable, "-m", "tests.support.media_large_asset", step, scheme, str(folder)],
        cwd=CHECKOUT,
        env={"PYTHONPATH": f"{CHECKOUT}:{CHECKOUT / 'media_server' / 'src'}", "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    took = json.loads(ran.stdout) | {"seconds": round(time.monotonic() - began, 1)}
    print(folder.name, "MB:", step, scheme, took)
    return took


def check_last_segment(folder: Path, scheme: str) -> None:
    """Both versions' last segments decrypt to the same, by ffmpeg or openssl."""
    clear = []
    for number, key in ((1, KEY), (2, NEW_KEY)):
        track = version(folder, number) / "video_1080"
        file = folder / f"last-{number}.mp4"
        if scheme == "aes-128":
            clear.append(decrypted_by_openssl(segments(track, "ts")[-1], file, key, IV).read_bytes())
        else:
            file.write_bytes((track / "init.mp4").read_bytes() + segments(track, "m4s")[-1].read_bytes())
            clear.append(frame_hashes(file, key))
    assert len(clear[0]) > 10
    assert clear[0] == clear[1]
