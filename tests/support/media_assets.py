# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Create assets for the lab's media tests: HLS AES-128 in any number, and CMAF from a real encoding, each with its own key."""

from __future__ import annotations

import functools
import tempfile
from dataclasses import dataclass
from pathlib import Path

from media_server.keys.content import ContentKeys
from media_server.keys.kms import KmsKeys
from media_server.keys.tenants import TenantKeys
from media_server.packaging import package
from media_server.packaging.tools import FFMPEG, PACKAGER
from media_server.store import layout
from media_server.store.assets import AssetStore, MediaVersion, Pointer
from media_server.store.objects import ObjectStore

from tests.support.media_content import make_asset
from tests.support.media_regions import HERE, MediaRegions

__all__ = ["FFMPEG", "PACKAGER", "Stored", "make_assets", "source_video", "stored"]


@dataclass(frozen=True)
class Stored:
    """A region's bucket and keys, without retries."""

    objects: ObjectStore
    tenants: TenantKeys

    @property
    def assets(self) -> AssetStore:
        return AssetStore(self.objects)

    @property
    def content_keys(self) -> ContentKeys:
        return ContentKeys(self.tenants)


def stored(regions: MediaRegions, region: str) -> Stored:
    """Return the stored objects and keys, without caches."""
    objects = ObjectStore(regions.lab("s3", region), regions.bucket(region))
    kms = KmsKeys(regions.lab("kms", region), region, requests_per_s=1000)
    return Stored(objects, TenantKeys(objects, kms, regions.old_key.replace(HERE, region)))


@functools.cache
def source_video() -> Path:
    """Encode two seconds of a test picture and a tone."""
    import subprocess

    file = Path(tempfile.mkdtemp(prefix="media-source-")) / "source.mp4"
    command = [str(FFMPEG), "-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=size=256x144:rate=25:duration=2"]
    command += [
        "-f",
        "lavfi",
        "-i",
        "sine=frequency=440:duration=2",
        "-c:v",
        "libx264",
        "-c:a",
        "aac",
        "-shortest",
        str(file),
    ]
    subprocess.run(command, check=True)
    return file


def make_assets(place: Stored, tenants: int, each: int, cmaf: int) -> list[tuple[str, str]]:
    """Create `each` assets per tenant; the first `cmaf` of them are CMAF, alternately cbcs and cenc."""
    names = []
    for tenant in (f"tenant-{number:02}" for number in range(tenants)):
        place.tenants.ensure(tenant)
        for number in range(each):
            asset = f"film-{number:02}"
            names.append((tenant, asset))
            if number < cmaf:
                make_cmaf_asset(place, tenant, asset, ("cbcs", "cenc")[number % 2])
            else:
                make_asset(place.objects, place.tenants, tenant, asset)
    return names


def make_cmaf_asset(place: Stored, tenant: str, asset: str, scheme: str) -> None:
    """Package the source for an asset, as the worker does."""
    place.assets.create_key(tenant, asset, 1, place.content_keys.create(tenant, scheme))
    document, _etag = place.assets.key(tenant, asset, 1)
    key = place.content_keys.open(tenant, document)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        out.mkdir()
        names = package(source_video(), out, scheme=scheme, kid=document.kid, key=key, iv=document.iv)
        size = 0
        for name in names:
            body = (out / name).read_bytes()
            size += len(body)
            place.objects.put(layout.media_file(tenant, asset, 1, name), body)
    version = MediaVersion(tuple(names), size, scheme, document.kid)
    place.assets.create_pointer(Pointer(tenant, asset, 1, {1: version}, document.created_at))
