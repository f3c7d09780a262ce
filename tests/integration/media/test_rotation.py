# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""All three kinds of rotation, with kills, while players play: module, servers, workers, S3 and KMS of two regions (simulated
AWS).
"""

from __future__ import annotations

import time

import pytest
from media_server.sources.kept import KeptSources

from tests.support import media_rotation as rotation
from tests.support.media_after_rotation import finalize, play_from_the_standby, rerun_writes_nothing
from tests.support.media_assets import make_assets, stored
from tests.support.media_regions import HERE, THERE, make_media_regions
from tests.support.media_servers import media_servers
from tests.support.openssl_source import decrypt_source

pytestmark = pytest.mark.nightly


@pytest.fixture(scope="module")
def regions(lab):
    return make_media_regions(lab)


@pytest.fixture(scope="module")
def library(regions):
    return rotation.library(regions, make_assets(stored(regions, HERE), tenants=3, each=4, cmaf=2))


SOURCE = bytes(range(256)) * 5000


@pytest.fixture(scope="module")
def source(regions, library) -> tuple[str, str, str]:
    """Keep a source of one asset, and return its tenant, asset and folder."""
    place, (tenant, asset) = stored(regions, HERE), library.assets[0]
    sources = KeptSources(place.assets, place.tenants)
    place.objects.put(f"uploads/{tenant}/{asset}", SOURCE)
    uploads = sources.uploads(tenant, asset)
    folder = sources.keep(tenant, asset, uploads, lambda: None)
    sources.discard_uploads(tenant, asset, uploads)
    assert folder is not None
    return tenant, asset, folder


def opens_with_openssl(regions, region: str, source: tuple[str, str, str]) -> bool:
    """Return whether a region's kept source is what was uploaded, decrypted with its KMS and openssl."""
    tenant, asset, folder = source
    place = stored(regions, region)
    content, key = (place.objects.get(f"media/{tenant}/{asset}/{folder}/{name}")[0] for name in ("content", "key.json"))
    return decrypt_source(content, key, rotation.tenant_keys(regions, [tenant])[tenant]) == SOURCE


@pytest.fixture(scope="module")
def servers(regions, library, tmp_path_factory):
    with media_servers(regions, tmp_path_factory.mktemp("servers")) as servers:
        for region in (HERE, THERE):
            servers.start(f"server-{region}", "serve", region)
        for number in range(2):
            servers.start(f"worker-{number}", "work", HERE)
        for region in (HERE, THERE):
            servers.wait_ready(region)
        yield servers


def test_keys_are_rotated_during_playback_and_the_old_ones_open_nothing(regions, library, source, servers):
    new_kms_key = {"mode": "rewrap", "target_kms_key": regions.new_key}
    kinds = [{"mode": "reencrypt", "verify": "all"}, {"mode": "rewrap"}, new_kms_key]
    tenants = sorted({tenant for tenant, _asset in library.assets})
    before = rotation.Before(
        rotation.content_keys(regions, library.assets), rotation.tenant_keys(regions, tenants), regions.old_key
    )
    _check_mode_writes_nothing(regions, servers, kinds)
    with rotation.players(servers, library, 2) as played:
        _rotate_under_kills(servers, kinds[0])
        done = servers.succeeded(**kinds[0])
        assert (done["done"], done["failed"], done["plan"]["assets"]) == (12, 0, 12)
        assert done["verification"]["checked"] == 12
        rotation.check_each_was_encrypted_once(regions, library, done["rotation_id"])
        for kind in kinds[1:]:
            done = servers.succeeded(**kind)
            assert (done["changed"], done["done"], done["failed"]) == (True, 12, 0)
            assert not done["verification"]["failed"]
        again = rerun_writes_nothing(regions, servers, kinds)
        assert [done["done"] for done in again] == [12, 12, 12]
    assert played.counts["sessions"] > 10, played
    assert (played.counts["failed"], played.counts["wrong"]) == (0, 0), played.errors
    refused = servers.run_module(**kinds[0], state="finalized")
    assert "may be finalized from" in refused["msg"]
    finalize(regions, servers, kinds)
    regions.disable(regions.old_key)
    assert rotation.check_nothing_opens(regions, library, before) > 2 * 12 * 5
    for region in (HERE, THERE):
        rotation.check_decrypts(regions, library, region)
        assert opens_with_openssl(regions, region, source)
    assert play_from_the_standby(servers, library, 1, 20)["sessions"] > 3


def _check_mode_writes_nothing(regions, servers, kinds) -> None:
    versions = rotation.all_versions(regions)
    for kind in kinds:
        planned = servers.succeeded(**kind, _ansible_check_mode=True)
        assert planned["changed"]
        assert planned["plan"]["assets"] == 12
        assert planned["plan"]["kms_calls"] <= 6
    assert rotation.all_versions(regions) == versions


def _rotate_under_kills(servers, kind) -> None:
    module = servers.begin_module(**kind)
    time.sleep(4)
    servers.kill("worker-0")
    servers.start("worker-0", "work", HERE)
    time.sleep(1)
    module.kill()
    module.communicate(timeout=30)
