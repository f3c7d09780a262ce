# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Two regions in memory (simulated S3 and KMS) with assets, and workers that run the queued shards."""

from __future__ import annotations

import pytest
from media_server.keys.kms import KmsKeys
from media_server.keys.tenants import TenantKeys
from media_server.rotation import Rotations, RotationServices, run_shard
from media_server.store.active import ActiveRegion
from media_server.store.objects import ObjectStore
from media_server.store.replication import Replication
from media_server.store.retries import Retries

from tests.support.media_content import make_asset, play
from tests.support.media_fakes import FakeKms, FakeRecord, FakeS3

HERE, THERE = "me-west-1", "eu-central-1"
RULE = {"Status": "Enabled", "Filter": {"Prefix": ""}}


class TwoRegions:
    """Two regions with `assets`, as (tenant, asset). Each call of `services()` acts as a new process, without caches."""

    def __init__(self, tenants: int = 2, each: int = 2):
        kms = FakeKms()
        self.kms = {HERE: kms, THERE: kms.replica(THERE)}
        self.old, self.new = kms.new_key("old"), kms.new_key("new")
        self.s3 = {HERE: FakeS3(rules=[RULE]), THERE: FakeS3(rules=[RULE])}
        self.s3[HERE].replicated = self._replicate
        self.record = FakeRecord(HERE)
        self.queues: dict[str, list[dict]] = {HERE: [], THERE: []}
        self.retain_old_s = 0
        self.assets = [(f"tenant-{tenant}", f"film-{film}") for tenant in range(tenants) for film in range(each)]
        services = self.services()
        for tenant, asset in self.assets:
            make_asset(services.objects, services.tenants, tenant, asset)
        self.s3[HERE].calls.clear()

    def _replicate(self, _key: str) -> str:
        self.s3[HERE].replicate_to(self.s3[THERE])
        return "COMPLETED"

    def services(self, region: str = HERE) -> RotationServices:
        objects = ObjectStore(self.s3[region], "b", Retries(deadline_s=1, sleep=lambda _seconds: None))
        kms = KmsKeys(self.kms[region], region, requests_per_s=1e6)
        return RotationServices(
            region=region,
            objects=objects,
            tenants=TenantKeys(objects, kms, self.old),
            replication=Replication(objects, timeout_s=0.01, interval_s=0.001),
            active=ActiveRegion(self.record, "t", region),
            send=self.queues[region].append,
            retain_old_s=self.retain_old_s,
            threads=2,
        )

    def rotations(self, region: str = HERE, stalled_s: float = 0.0) -> Rotations:
        return Rotations(self.services(region), stalled_s=stalled_s)

    def work(self, region: str = HERE) -> RotationServices:
        """Run all queued shards in one process."""
        services = self.services(region)
        while self.queues[region]:
            job = self.queues[region].pop(0)
            run_shard(services, job["rotation"], job["shard"])
        return services

    def rotate(self, **params) -> str:
        """Plan, start and run a rotation. Return its ID."""
        rotations = self.rotations()
        identity = rotations.plan({"concurrency": 2, "kms_requests_per_s": 10_000, **params})["rotation_id"]
        rotations.start(identity)
        self.work()
        return identity

    def finalize(self, identity: str) -> list[dict]:
        """Finalize in both regions. Return the states."""
        for region in (HERE, THERE):
            rotations = self.rotations(region)
            rotations.finalize(identity)
            rotations.standby_finalizer.join()
            self.work(region)
            self.s3[HERE].replicate_to(self.s3[THERE])
        return [self.rotations(region).status(identity) for region in (HERE, THERE)]

    def play_all(self, region: str = HERE) -> set[int]:
        """Play every asset without caches. Return the versions that were played."""
        services = self.services(region)
        return {play(services.objects, services.tenants, *name) for name in self.assets}

    def puts(self) -> int:
        counts = self.s3[HERE].calls
        return counts["put_object"] + counts["delete_objects"] + counts["complete_multipart_upload"]


@pytest.fixture
def regions() -> TwoRegions:
    return TwoRegions()
