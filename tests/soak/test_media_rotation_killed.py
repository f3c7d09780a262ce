# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""200 assets get new keys of all three kinds while workers and module are killed, S3 answers 503, and KMS throttles."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter

import pytest

from tests.support import media_rotation as rotation
from tests.support.faulty_s3 import faulty_s3
from tests.support.labs import running_lab
from tests.support.media_after_rotation import finalize, play_from_the_standby, rerun_writes_nothing
from tests.support.media_assets import make_assets, stored
from tests.support.media_regions import HERE, THERE, make_media_regions
from tests.support.media_servers import MediaServers, media_servers

pytestmark = pytest.mark.soak

TENANTS, EACH = 10, 20
KILLS = 20
# How many of them have come by the end of each of the three rotations: one that ends sooner leaves its rest to the next.
KILLS_BY_KIND = (10, 16, 20)
FAULTS = 0.1
WORKERS = 3
# How many times something was played meanwhile, at least.
SESSIONS = 100
# Seconds between two kills: long enough that there is something to lose again.
PAUSES = (2.0, 7.0)


def _workers() -> list[str]:
    return [f"worker-{number}" for number in range(WORKERS)]


class Killer:
    """Runs the module again and again until it succeeds, while a thread kills it and the workers at random moments."""

    def __init__(self, servers: MediaServers, seed: int):
        self.kills: Counter[str] = Counter()
        self.allowed = 0
        self._servers = servers
        self._draw = random.Random(seed)
        self._module = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._kill_on, daemon=True)

    def __enter__(self) -> Killer:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    def _kill_on(self) -> None:
        while self.kills.total() < KILLS and not self._over.wait(self._draw.uniform(*PAUSES)):
            victims = [name for name in ("module", *_workers()) if self._is_at_work(name)]
            if not victims or self.kills.total() >= self.allowed:
                continue
            victim = self._draw.choice(victims)
            if victim == "module":
                self._module.kill()
            else:
                self._servers.kill(victim)
                self._servers.start(victim, "work", HERE)
            self.kills[victim.partition("-")[0]] += 1

    def _is_at_work(self, name: str) -> bool:
        """Whether there is something to lose: a worker that is just starting has nothing."""
        if name == "module":
            return self._module is not None and self._module.poll() is None
        return self._servers.log_of(name).rstrip().rpartition("\n")[2].find('"job begins"') >= 0

    def run(self, **options) -> dict:
        """What the run returned that came to the end."""
        while True:
            self._module = self._servers.begin_module(**options)
            result = self._servers.result_of(self._module)
            if result is not None:
                assert not result.get("failed"), f"{result['msg']}\n{self._servers.logs()}"
                return result


def test_nothing_is_lost_and_the_old_keys_open_nothing(tmp_path, evidence):
    with running_lab(tmp_path / "lab") as lab, faulty_s3(lab, HERE) as (url, faults):
        regions = make_media_regions(lab)
        library = rotation.library(regions, make_assets(stored(regions, HERE), tenants=TENANTS, each=EACH, cmaf=2))
        tenants = sorted({tenant for tenant, _asset in library.assets})
        before = rotation.Before(
            rotation.content_keys(regions, library.assets), rotation.tenant_keys(regions, tenants), regions.old_key
        )
        (tmp_path / "servers").mkdir()
        with media_servers(regions, tmp_path / "servers") as servers:
            servers.s3_urls[HERE] = servers.kms_urls[HERE] = url
            figures = _story(regions, library, servers, faults, before)
    evidence("media-rotation-killed", figures)


def _story(regions, library, servers, faults, before) -> dict:
    _start(servers)
    seed = random.SystemRandom().randrange(2**32)
    print("seed of the kills:", seed)
    faults.share = FAULTS
    kinds = [{"mode": "reencrypt"}, {"mode": "rewrap"}, {"mode": "rewrap", "target_kms_key": regions.new_key}]
    seconds: dict[str, float] = {}
    kills_by: dict[str, int] = {}
    with rotation.players(servers, library, 3, pause_s=0.3) as played:
        with Killer(servers, seed) as killer:
            for kind in _kinds_until(killer, kinds):
                began = time.monotonic()
                done = killer.run(**kind, verify="all", concurrency=4)
                assert (done["done"], done["failed"]) == (len(library.assets), 0), done
                assert not done["verification"]["failed"]
                kills_by[done["rotation_id"]] = killer.kills.total() - sum(kills_by.values())
                seconds[done["rotation_id"]] = round(time.monotonic() - began, 1)
        injected = faults.failed
        identity = next(iter(seconds))
        rotation.check_each_was_encrypted_once(regions, library, identity)
        again = rerun_writes_nothing(regions, servers, kinds, verify="all")
        assert not any(done["failed"] for done in again)
    assert (played.counts["failed"], played.counts["wrong"]) == (0, 0), played.errors
    assert played.counts["sessions"] > SESSIONS
    faults.share = 0.0
    finalize(regions, servers, kinds)
    regions.disable(regions.old_key)
    tried = rotation.check_nothing_opens(regions, library, before)
    for region in (HERE, THERE):
        rotation.check_decrypts(regions, library, region)
    standby = play_from_the_standby(servers, library, 3, 60)
    return {
        "seed": seed,
        "assets": len(library.assets),
        "kills": dict(killer.kills),
        "kills_by_rotation": kills_by,
        "faults_injected": injected,
        "seconds_by_rotation": seconds,
        "played": dict(played.counts),
        "versions_that_no_old_key_opens": tried,
        "played_from_the_standby": standby,
    }


def _start(servers: MediaServers) -> None:
    for region in (HERE, THERE):
        servers.start(f"server-{region}", "serve", region)
    for name in _workers():
        servers.start(name, "work", HERE)
    for region in (HERE, THERE):
        servers.wait_ready(region)


def _kinds_until(killer: Killer, kinds: list[dict]):
    """The three, and then new tenant keys again as long as kills are to come."""
    for kind, allowed in zip(list(kinds), KILLS_BY_KIND, strict=True):
        killer.allowed = allowed
        yield kind
    while killer.kills.total() < KILLS:
        kinds.append({"mode": "rewrap", "rotation_id": f"again-{len(kinds)}"})
        yield kinds[-1]
