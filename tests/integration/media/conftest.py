# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""One media tier for the tests of this folder, with the server and a worker."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from lab.settings import CHECKOUT
from tests.support.media_tier import MediaTier
from tests.support.video_source import colour_bars


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
    return colour_bars(tmp_path_factory.mktemp("source") / "bars.mp4").read_bytes()
