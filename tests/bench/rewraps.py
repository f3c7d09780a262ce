# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Rewraps: how often KMS is asked, and how many assets a second get another wrap, each against a call to KMS an asset."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

from media_server.keys.kms import KmsKeys, context_of
from media_server.keys.tenants import TenantKeys
from media_server.rotation import Rotations, RotationServices, run_shard
from media_server.store.active import ActiveRegion
from media_server.store.assets import MediaVersion, Pointer
from media_server.store.objects import ObjectStore
from media_server.store.replication import Replication

from tests.bench.harness import Context, Row, row
from tests.support.labs import running_lab
from tests.support.media_regions import HERE, MediaRegions, make_media_regions

_TENANTS, _EACH = 10, 60
_WHERE = "S3 and KMS are simulated; one worker"


def measure_rewraps(context: Context) -> Iterator[Row]:
    """Yield the rows."""
    with running_lab(context.work / "lab") as lab:
        bench = _Bench(make_media_regions(lab))
        before, rates, yardstick_calls, yardstick_rates = os.getloadavg()[0], [], [], []
        # First: each new key of a tenant is one more for KMS.
        calls = [bench.rewrap_kms(f"kms-{number}", number) for number in range(context.repeats)]
        for number in range(context.repeats):
            rates.append(bench.rewrap_tenant(f"tenant-{number}"))
            count, rate = bench.an_asset_at_a_time()
            yardstick_calls.append(count)
            yardstick_rates.append(rate)
        load = (before, os.getloadavg()[0])
        note = f"{_TENANTS * _EACH} assets in {_TENANTS} tenants; {_WHERE}"
        against = "ReEncrypt for each asset, as without tenant keys"
        yield row(
            "rewrap_kms_calls",
            calls,
            yardstick_calls,
            load,
            unit="calls",
            against=against,
            bar=f"<= {_TENANTS + 1}",
            note=f"{note}; one call finds the target key",
        )
        yield row(
            "rewrap_assets_per_s",
            rates,
            yardstick_rates,
            load,
            unit="a second",
            against=f"{against}, and its result written",
            note=f"new tenant keys; {note}",
        )


class _Bench:
    """Assets that are nothing but documents: a rewrap touches no content."""

    def __init__(self, regions: MediaRegions):
        self.regions = regions
        self._queue: list[dict] = []
        self._services = self._worker()
        for tenant in self._tenants():
            self._services.tenants.ensure(tenant)
            for number in range(_EACH):
                self._make(tenant, f"film-{number:03}")

    def _tenants(self) -> list[str]:
        return [f"tenant-{number}" for number in range(_TENANTS)]

    def _make(self, tenant: str, asset: str) -> None:
        document = self._services.content_keys.create(tenant, "cbcs")
        self._services.assets.create_key(tenant, asset, 1, document)
        version = MediaVersion((), 0, document.scheme, document.kid)
        self._services.assets.create_pointer(Pointer(tenant, asset, 1, {1: version}, document.created_at))

    def _worker(self) -> RotationServices:
        """A worker that has just started: no key is open yet."""
        lab, region = self.regions.lab, HERE
        objects = ObjectStore(lab("s3", region), self.regions.bucket(region))
        kms = KmsKeys(lab("kms", region), region, requests_per_s=10_000)
        return RotationServices(
            region=region,
            objects=objects,
            tenants=TenantKeys(objects, kms, self.regions.old_key),
            replication=Replication(objects, interval_s=0.05),
            active=ActiveRegion(lab("dynamodb", region), self.regions.name, region),
            send=self._queue.append,
            retain_old_s=0,
        )

    def _rotate(self, **params) -> tuple[int, float]:
        """Calls to KMS, and seconds from the start to the end. It isn't finalized."""
        services = self._worker()
        rotations = Rotations(services)
        identity = rotations.plan({"mode": "rewrap", "kms_requests_per_s": 10_000, **params})["rotation_id"]
        began = time.monotonic()
        rotations.start(identity)
        self._run(services)
        took = time.monotonic() - began
        told = rotations.status(identity)
        assert (told["phase"], told["done"], told["failed"]) == ("rotated", _TENANTS * _EACH, 0)
        return services.tenants.kms.count, took

    def _finalize(self, identity: str) -> None:
        services = self._worker()
        Rotations(services).finalize(identity)
        self._run(services)

    def _run(self, services: RotationServices) -> None:
        while self._queue:
            job = self._queue.pop(0)
            run_shard(services, job["rotation"], job["shard"])

    def rewrap_kms(self, name: str, number: int) -> float:
        """How many calls a new KMS key takes."""
        target = self.regions.new_key if number % 2 == 0 else self.regions.old_key
        calls, _took = self._rotate(rotation_id=name, target_kms_key=target)
        self._finalize(name)
        return calls

    def rewrap_tenant(self, name: str) -> float:
        """How many assets a second get wraps by new tenant keys."""
        return _TENANTS * _EACH / self._rotate(rotation_id=name)[1]

    def an_asset_at_a_time(self) -> tuple[float, float]:
        """Calls, and assets a second, where KMS itself wraps each asset's key; measured for a tenth of them."""
        kms, s3 = self.regions.lab("kms", HERE), self.regions.lab("s3", HERE)
        assets = [f"film-{number:03}" for number in range(_EACH)]
        context = context_of("tenant-0")
        wrapped = kms.encrypt(KeyId=self.regions.old_key, Plaintext=bytes(16), EncryptionContext=context)
        began = time.monotonic()
        for asset in assets:
            answer = kms.re_encrypt(
                CiphertextBlob=wrapped["CiphertextBlob"],
                SourceEncryptionContext=context,
                DestinationKeyId=self.regions.new_key,
                DestinationEncryptionContext=context,
            )
            s3.put_object(Bucket=self.regions.bucket(HERE), Key=f"yardstick/{asset}", Body=answer["CiphertextBlob"])
        return _TENANTS * len(assets), len(assets) / (time.monotonic() - began)
