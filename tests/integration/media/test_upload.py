# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""From an upload to a stream that plays, over the lab's S3, SQS, KMS and Secrets Manager."""

from __future__ import annotations

import re
import subprocess

import pytest
from media_server.packaging.tools import FFMPEG

FRAMES = 200


def frames_of(address: str, ca: str, *arguments: str) -> int:
    """How many frames ffmpeg plays from an address."""
    trusted = ["-ca_file", ca, "-tls_verify", "1"]
    played = ["-i", address, "-map", "0:v:0", "-f", "null", "-"]
    command = [str(FFMPEG), "-nostdin", "-v", "error", "-stats", *trusted, *arguments, *played]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return int(re.findall(r"frame=\s*(\d+)", ran.stderr)[-1])


@pytest.mark.parametrize("scheme", ["cbcs", "cenc"])
def test_what_is_uploaded_plays_encrypted(tier, client, worker, source, scheme):
    asset = f"film-{scheme}"
    tier.upload(client, source, asset, scheme)
    state = tier.wait_for(client, asset, "ready")
    assert state["playable"]["scheme"] == scheme
    told = tier.playback(client, asset)
    manifest = client.get(told["manifests"]["dash"])
    assert manifest.status_code == 200, manifest.text
    print(manifest.text)
    print(client.get(told["manifests"]["hls"]).text)
