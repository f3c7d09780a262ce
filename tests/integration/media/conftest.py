# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A media tier for the tests of this folder, with the server and a worker."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from lab.settings import CHECKOUT
from tests.support.media_tier import MediaTier
from tests.support.video_source import colour_bars


@pytest.fixture(scope="session")
def players() -> Path:
    """Install the players from npm, with the hashes of the lock file, and return their folder."""
    folder = CHECKOUT / ".build" / "player"
    subprocess.run([CHECKOUT / "media_server" / "player" / "install.sh", folder], check=True)
    return folder


@pytest.fixture(scope="session")
def tier(lab, tmp_path_factory, players):
    """Create the tier, without a running process."""
    return MediaTier(lab, tmp_path_factory.mktemp("media")).build(player=True, static_dir=str(players))


@pytest.fixture(scope="session")
def server(tier):
    """Run the server."""
    with tier.running("serve") as running:
        yield running


@pytest.fixture(scope="session")
def client(tier, server):
    """Return a client of the server."""
    with tier.client() as client:
        yield client


@pytest.fixture(scope="session")
def worker(tier):
    """Run the worker."""
    with tier.running("work") as running:
        yield running


@pytest.fixture(scope="session")
def source(tmp_path_factory) -> bytes:
    """Return colour bars with a tone, of 8 seconds."""
    return colour_bars(tmp_path_factory.mktemp("source") / "bars.mp4").read_bytes()
