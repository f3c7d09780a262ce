# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A deletion reaches both regions, and so does its recovery: S3 and KMS of two regions (simulated AWS), openssl decrypts."""

from __future__ import annotations

import time
from collections.abc import Callable

from media_server.recovery import Recovery

from tests.support.media_assets import make_assets, stored
from tests.support.media_regions import HERE, REGIONS, MediaRegions, make_media_regions
from tests.support.media_rotation import Library, check_decrypts


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.3)


def names(regions: MediaRegions, region: str) -> list[str]:
    """Return the current objects of the tenant."""
    objects = stored(regions, region).objects
    return [listed.key for prefix in ("keys/", "media/") for listed in objects.list(prefix)]


def test_a_deleted_tenant_comes_back_in_both_regions(lab):
    regions = make_media_regions(lab)
    library = Library(make_assets(stored(regions, HERE), tenants=1, each=2, cmaf=0), {})
    before = names(regions, HERE)
    assert before
    wait_for(lambda: names(regions, REGIONS[1]) == before)
    # As `aws s3 rm --recursive` deletes, without naming versions.
    objects = [{"Key": name} for name in before]
    lab("s3", HERE).delete_objects(Bucket=regions.bucket(HERE), Delete={"Objects": objects})
    wait_for(lambda: names(regions, HERE) == names(regions, REGIONS[1]) == [])
    place = stored(regions, HERE)
    recovery, tenant = Recovery(place.assets, place.tenants), library.assets[0][0]
    deleted = recovery.deleted(tenant)
    assert sorted(one.key for one in deleted) == sorted(before)
    recovery.restore(deleted)
    assert [recovery.problems(*item) for item in library.assets] == [[], []]
    assert recovery.deleted(tenant) == []
    wait_for(lambda: names(regions, HERE) == names(regions, REGIONS[1]) == before)
    for region in REGIONS:
        check_decrypts(regions, library, region)
