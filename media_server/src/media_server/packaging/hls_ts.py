# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Write HLS with MPEG transport streams, each segment encrypted with AES-128 (RFC 8216), with ffmpeg."""

from __future__ import annotations

from pathlib import Path

from media_server.errors import UnavailableError
from media_server.packaging import tools
from media_server.packaging.cmaf import SEGMENT_S, Protection
from media_server.packaging.transcode import Encodings
from media_server.rekey.manifest import key_uri

_TIMEOUT_S = 3600.0
_AUDIO = "audio"


def package_hls(encodings: Encodings, out: Path, protection: Protection | None, tick: tools.Tick | None = None) -> None:
    """Write `master.m3u8` and a folder per rung, with `index.m3u8` and segments, into `out`; unencrypted without `protection`.

    Sound without video has one folder, `audio`.
    """
    for rung, _ in encodings.videos:
        (out / rung.name).mkdir()
    if not encodings.videos:
        (out / _AUDIO).mkdir()
    key = protection.key if protection else b""
    with tools.secret_files(key, lambda made: _key_info(protection, made[0])) as secrets:
        encryption = ["-hls_key_info_file", tools.descriptor_path(secrets[1])] if protection else []
        finished = tools.run(
            tools.FFMPEG,
            [*_inputs(encodings), *encryption, *_output(encodings)],
            cwd=out,
            files=secrets,
            timeout_s=_TIMEOUT_S,
            tick=tick,
        )
    if finished.status:
        raise UnavailableError("tool-failed", "ffmpeg could not write the transport streams")


def _key_info(protection: Protection | None, key_file: int) -> bytes:
    if protection is None:
        return b""
    return f"{key_uri(protection.kid)}\n{tools.descriptor_path(key_file)}\n{protection.iv.hex()}\n".encode()


def _inputs(encodings: Encodings) -> list[str]:
    arguments = ["-v", "error", "-nostdin", "-y"]
    for file in [file for _, file in encodings.videos] + ([encodings.audio] if encodings.audio else []):
        arguments += ["-protocol_whitelist", "file", "-f", "mp4", "-i", f"file:{file}"]
    for number in range(len(encodings.videos)):
        arguments += ["-map", f"{number}:v"]
        if encodings.audio:
            arguments += ["-map", f"{len(encodings.videos)}:a"]
    return arguments if encodings.videos else [*arguments, "-map", "0:a"]


def _output(encodings: Encodings) -> list[str]:
    variants = " ".join(
        f"v:{number}{f',a:{number}' if encodings.audio else ''},name:{rung.name}"
        for number, (rung, _) in enumerate(encodings.videos)
    )
    variants = variants or f"a:0,name:{_AUDIO}"
    return [
        "-c", "copy",
        # No initial delay: the presentation starts at zero.
        "-muxdelay", "0",
        "-muxpreload", "0",
        "-f", "hls",
        "-hls_time", str(SEGMENT_S),
        "-hls_playlist_type", "vod",
        "-hls_flags", "independent_segments",
        "-start_number", "1",
        "-var_stream_map", variants,
        "-master_pl_name", "master.m3u8",
        "-hls_segment_filename", "%v/%d.ts",
        "%v/index.m3u8",
    ]  # fmt: skip
