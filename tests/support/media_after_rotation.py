# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Steps after a rotation: run it again, finalize it in both regions, and play from the standby region."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from tests.support.media_regions import HERE, REGIONS, THERE, MediaRegions
from tests.support.media_rotation import Library, all_versions, players
from tests.support.media_servers import MediaServers

# The settings of a server that allows finalize at once.
_SOON = {"retain_old_s": 1, "token_ttl_s": 1}


def rerun_writes_nothing(regions: MediaRegions, servers: MediaServers, kinds: Sequence[dict], **options: Any) -> list:
    """Run each rotation again, check that it changes and writes nothing, and return the results."""
    versions = all_versions(regions)
    results = [servers.succeeded(**kind, **options) for kind in kinds]
    assert [result["changed"] for result in results] == [False] * len(results)
    assert all_versions(regions) == versions
    return results


def finalize(regions: MediaRegions, servers: MediaServers, kinds: Sequence[dict]) -> None:
    """Finalize each rotation in both regions, and check that a second time writes nothing."""
    for region in REGIONS:
        _restart(servers, region, **_SOON)
    for kind in kinds:
        done = servers.succeeded(**kind, state="finalized")
        assert done["phases"] == {HERE: "finalized", THERE: "finalized"}
    rerun_writes_nothing(regions, servers, kinds, state="finalized")


def play_from_the_standby(servers: MediaServers, library: Library, count: int, seconds: float) -> dict:
    """Play with `count` players from a new server in the standby region, and return their counts without failures."""
    _restart(servers, THERE)
    with players(servers, library, count, THERE) as played:
        time.sleep(seconds)
    assert (played.counts["failed"], played.counts["wrong"]) == (0, 0), played.errors
    return dict(played.counts)


def _restart(servers: MediaServers, region: str, **settings: Any) -> None:
    servers.kill(f"server-{region}")
    servers.start(f"server-{region}", "serve", region, **settings)
    servers.wait_ready(region)
