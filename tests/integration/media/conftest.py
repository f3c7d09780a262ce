# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""One media tier for the tests of this folder, with the server and a worker."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from lab.settings import CHECKOUT
from tests.media.sources import encode
from tests.support.media_tier import MediaTier


@pytest.fixture(scope="session")
def players() -> Path:
    """The folder of the players, fetched from npm by the lock's hashes."""
    folder = CHECKOUT / ".build" / "player"
    subprocess.run([CHECKOUT / "media_server" / "player" / "install.sh", folder], check=True)
    return folder


@pytest.fixture(scope="session")
def tier(lab, tmp_path_factory, players):
    """Built, but nothing runs."""
    return MediaTier(lab, tmp_path_factory.mktemp("media")).build(player=True, static_dir=str(players))


@pytest.fixture(scope="session")
def server(tier):
    """The server."""
    with tier.running("serve") as running:
        yield running


@pytest.fixture(scope="session")
def client(tier, server):
    """A client of the server."""
    with tier.client() as client:
        yield client


@pytest.fixture(scope="session")
def worker(tier):
    """The worker."""
    with tier.running("work") as running:
        yield running


@pytest.fixture(scope="session")
def source(tmp_path_factory) -> bytes:
    """Colour bars with a tone, for 8 seconds."""
    bars = ("-f", "lavfi", "-i", "smptebars=size=640x360:rate=25:duration=8")
    tone = ("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=8")
    codecs = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac")
    return encode(tmp_path_factory.mktemp("source") / "bars.mp4", *bars, *tone, *codecs).read_bytes()
