# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Write one set of CMAF segments for DASH and HLS, with Shaka Packager."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from media_server.errors import UnavailableError
from media_server.packaging import tools
from media_server.packaging.transcode import Encodings
from media_server.rekey.manifest import key_uri

SEGMENT_S = 6
_TIMEOUT_S = 3600.0


@dataclass(frozen=True)
class Protection:
    """The encryption parameters. `iv` is used for cbcs and HLS AES-128."""

    scheme: str
    kid: bytes
    key: bytes = field(repr=False)
    iv: bytes


def package_cmaf(
    encodings: Encodings, out: Path, protection: Protection | None, tick: tools.Tick | None = None
) -> None:
    """Write `manifest.mpd`, `master.m3u8`, media playlists and a folder per stream into `out`; unencrypted without `protection`."""
    streams = [_stream("video", rung.name, file) for rung, file in encodings.videos]
    if encodings.audio:
        streams.append(_stream("audio", "audio", encodings.audio, "hls_group_id=audio,hls_name=audio"))
    flags = [
        "--quiet",
        "--segment_duration", str(SEGMENT_S),
        # Without it the manifest is that of a live stream, which does not start at zero.
        "--generate_static_live_mpd",
        "--mpd_output", "manifest.mpd",
        "--hls_master_playlist_output", "master.m3u8",
    ]  # fmt: skip
    with tools.secret_files(_flag_file(protection)) as secrets:
        finished = tools.run(
            tools.PACKAGER,
            [*streams, *flags, f"--flagfile={tools.descriptor_path(secrets[0])}"],
            cwd=out,
            files=secrets,
            timeout_s=_TIMEOUT_S,
            tick=tick,
        )
    if finished.status:
        raise UnavailableError("tool-failed", "Shaka Packager failed")
    if protection and protection.scheme == "cenc":
        _name_key(out, protection)


def _name_key(out: Path, protection: Protection) -> None:
    """Add the key of cenc to the playlists. Shaka Packager writes it for Widevine only."""
    key = f'#EXT-X-KEY:METHOD=SAMPLE-AES-CTR,URI="{key_uri(protection.kid)}",KEYFORMAT="identity"\n'
    for playlist in out.glob("*.m3u8"):
        # Only media playlists have EXT-X-MAP, exactly one each.
        text = playlist.read_text()
        playlist.write_text(re.sub(r"(?m)^#EXT-X-MAP:.*\n", lambda found: found[0] + key, text))


def _stream(kind: str, name: str, file: Path, *more: str) -> str:
    # Relative paths, because a comma in a folder's name would begin another field.
    return ",".join(
        (
            f"in=../{file.parent.name}/{file.name}",
            f"stream={kind}",
            f"init_segment={name}/init.mp4",
            f"segment_template={name}/$Number$.m4s",
            f"playlist_name={name}.m3u8",
            *more,
        )
    )


def _flag_file(protection: Protection | None) -> bytes:
    if protection is None:
        return b""
    lines = [
        "--enable_raw_key_encryption",
        f"--keys=label=:key_id={protection.kid.hex()}:key={protection.key.hex()}",
        f"--protection_scheme={protection.scheme}",
        # The Common PSSH, which ClearKey players need.
        "--protection_systems=CommonSystem",
        "--clear_lead=0",
        f"--hls_key_uri={key_uri(protection.kid)}",
    ]
    if protection.scheme == "cbcs":
        # Not for cenc: all tracks would share a key stream. Packager generates an IV per track.
        lines.append(f"--iv={protection.iv.hex()}")
    return "\n".join([*lines, ""]).encode()
