# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Re-encryption of patterns, IVs and codecs that our packaging does not use."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from media_server.packaging.tools import PACKAGER
from media_server.rekey import read_track, rekey_init, rekey_segment

from tests.media.outside import decrypted_by_packager, frame_hashes, joined, segments
from tests.media.sources import moving_picture

OLD_KID, NEW_KID, OLD_KEY, NEW_KEY = (bytes(range(start, start + 16)) for start in (0, 16, 32, 48))
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-x264-params", "slices=4", "-pix_fmt", "yuv420p")
H265 = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none", "-pix_fmt", "yuv420p")


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("sources")
    return {
        name: moving_picture(folder / f"{name}.mp4", seconds=3, size="320x240", more=(*codec, "-an"))
        for name, codec in (("h264", H264), ("h265", H265))
    }


def packaged(source: Path, out: Path, *flags: str) -> Path:
    """Package one track in a folder."""
    subprocess.run(
        [
            str(PACKAGER),
            "--quiet",
            f"in={source},stream=video,init_segment=init.mp4,segment_template=$Number$.m4s",
            "--segment_duration=1",
            *flags,
        ],
        check=True,
        cwd=out,
        capture_output=True,
    )
    return out


@pytest.mark.parametrize("codec", ["h264", "h265"])
@pytest.mark.parametrize(
    "flags",
    [
        ("--protection_scheme=cbcs", "--crypt_byte_block=1", "--skip_byte_block=9"),
        ("--protection_scheme=cbcs", "--crypt_byte_block=5", "--skip_byte_block=5"),
        ("--protection_scheme=cbcs", "--crypt_byte_block=10", "--skip_byte_block=0"),
        ("--protection_scheme=cenc",),
        # The counter wraps within the first picture.
        ("--protection_scheme=cenc", "--iv=00112233445566778899aabbfffffffe"),
        ("--protection_scheme=cenc", "--iv=0011223344556677fffffffffffffffe"),
    ],
    ids=lambda flags: " ".join(flag.partition("=")[2] for flag in flags),
)
def test_another_tool_finds_the_original_pictures(
    sources: dict[str, Path], codec: str, flags: tuple[str, ...], tmp_path: Path
):
    raw_key = (
        "--enable_raw_key_encryption",
        f"--keys=label=:key_id={OLD_KID.hex()}:key={OLD_KEY.hex()}",
        "--clear_lead=0",
    )
    folder = packaged(sources[codec], tmp_path, *flags, *raw_key)
    original = frame_hashes(sources[codec])
    assert len(original) == 75
    before = joined(folder, tmp_path / "before.mp4")
    assert frame_hashes(decrypted_by_packager(before, tmp_path / "was.mp4", OLD_KID, OLD_KEY)) == original
    init = (folder / "init.mp4").read_bytes()
    track = read_track(init)
    changed = [rekey_segment(file.read_bytes(), track, OLD_KEY, NEW_KEY) for file in segments(folder, "m4s")]
    after = tmp_path / "after.mp4"
    after.write_bytes(b"".join([rekey_init(init, NEW_KID), *changed]))
    assert frame_hashes(decrypted_by_packager(after, tmp_path / "is.mp4", NEW_KID, NEW_KEY)) == original
    assert frame_hashes(after, OLD_KEY) != original
    # ffmpeg doesn't decrypt the encrypted blocks of a pattern that is cut off within them; ISO/IEC 23001-7 requires it.
    if track.crypt_blocks <= 1:
        assert frame_hashes(before, OLD_KEY) == original
        assert frame_hashes(after, NEW_KEY) == original
