# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Decryption with independent tools: Shaka Packager, ffmpeg and openssl."""

from __future__ import annotations

import subprocess
from pathlib import Path

from media_server.packaging.tools import FFMPEG, PACKAGER


def frame_hashes(file: Path, key: bytes | None = None) -> list[str]:
    """Return the hashes of each decoded picture and audio packet, from ffmpeg, with the key if there is one.

    With a wrong key the hashes differ, or some or all are missing.
    """
    decryption = ["-decryption_key", key.hex()] if key else []
    ran = subprocess.run(
        [str(FFMPEG), "-v", "quiet", "-nostdin", *decryption, "-i", str(file), "-map", "0", "-f", "framemd5", "-"],
        capture_output=True,
        text=True,
        check=False,
    )
    return [line.rsplit(",", 1)[1].strip() for line in ran.stdout.splitlines() if line and not line.startswith("#")]


def joined(folder: Path, out: Path) -> Path:
    """Join a track's init and media segments in one file."""
    out.write_bytes(b"".join(part.read_bytes() for part in [folder / "init.mp4", *segments(folder, "m4s")]))
    return out


def segments(folder: Path, ending: str) -> list[Path]:
    return sorted(folder.glob(f"*.{ending}"), key=lambda file: int(file.stem))


def decrypted_by_packager(track: Path, out: Path, kid: bytes, key: bytes) -> Path:
    subprocess.run(
        [
            str(PACKAGER),
            "--quiet",
            f"in={track},stream=0,output={out}",
            "--enable_raw_key_decryption",
            f"--keys=label=:key_id={kid.hex()}:key={key.hex()}",
        ],
        check=True,
        capture_output=True,
    )
    return out


def decrypted_by_openssl(segment: Path, out: Path, key: bytes, iv: bytes) -> Path:
    """Decrypt a segment with openssl. Raise CalledProcessError if the padding is wrong."""
    subprocess.run(
        [
            "openssl",
            "enc",
            "-d",
            "-aes-128-cbc",
            "-K",
            key.hex(),
            "-iv",
            iv.hex(),
            "-in",
            str(segment),
            "-out",
            str(out),
        ],
        check=True,
        capture_output=True,
    )
    return out
