# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Rotations in the lab: players that play throughout, and checks of all S3 versions in both regions afterwards."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap
from media_server.keys.documents import TenantKeyDocument
from media_server.store import layout
from media_server.store.assets import KeyDocument

from lab.settings import CHECKOUT
from tests.media.outside import frame_hashes
from tests.support.media_assets import stored
from tests.support.media_content import SEGMENTS, clear_segment, openssl_cbc
from tests.support.media_regions import HERE, REGIONS, MediaRegions
from tests.support.media_servers import MediaServers, host

Asset = tuple[str, str]


@dataclass
class Played:
    """What the players did."""

    counts: Counter = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Library:
    """The assets of a test, and the frame hashes of each CMAF one, by `tenant/asset`, from before any rotation."""

    assets: Sequence[Asset]
    frames: Mapping[str, Sequence[str]]


def library(regions: MediaRegions, assets: Sequence[Asset]) -> Library:
    """Find the CMAF assets and decode them with their first keys."""
    place = stored(regions, HERE)
    cmaf = [item for item in assets if place.assets.pointer(*item)[0].version.scheme != "aes-128"]
    keys = content_keys(regions, cmaf)
    frames = {"/".join(item): _frames(regions, HERE, item, keys[item][0]) for item in cmaf}
    assert all(len(hashes) == 50 for hashes in frames.values())
    return Library(assets, frames)


def _frames(regions: MediaRegions, region: str, asset: Asset, key: bytes) -> list[str]:
    """Return the frame hashes of an asset's current version, decrypted and decoded by ffmpeg."""
    place = stored(regions, region)
    pointer, _etag = place.assets.pointer(*asset)
    names = [name for name in pointer.version.files if name.startswith("video") and name.endswith((".mp4", ".m4s"))]
    names.sort(key=lambda name: name.endswith(".m4s"))
    with tempfile.TemporaryDirectory() as folder:
        track = Path(folder) / "track.mp4"
        track.write_bytes(
            b"".join(place.objects.get(layout.media_file(*asset, pointer.current, name))[0] for name in names)
        )
        return frame_hashes(track, key)


@contextlib.contextmanager
def players(
    servers: MediaServers, library: Library, count: int, region: str = HERE, pause_s: float = 0.05
) -> Iterator[Played]:
    """Play while the block runs. The counts are available after it."""
    played = Played()
    processes = []
    for seed in range(count):
        settings = {
            "url": f"https://{host(region)}:{servers.ports[region]}",
            "port": servers.ports[region],
            "ca": str(servers.regions.lab.stack.settings.ca_certificate),
            "token_keys": servers.regions.token_keys,
            "assets": library.assets,
            "frames": library.frames,
            "seed": seed,
            "pause_s": pause_s,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.media_player"],
            cwd=CHECKOUT,
            env=servers.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        process.stdin.write(json.dumps(settings) + "\n")
        process.stdin.flush()
        processes.append(process)
    try:
        yield played
    finally:
        for process in processes:
            output, _errors = process.communicate("stop\n", timeout=120)
            told = json.loads(output)
            played.counts.update(told["counts"])
            played.errors += told["errors"]


# Current content


def all_versions(regions: MediaRegions) -> dict[str, list[str]]:
    """Return the names and IDs of all versions in both regions: equal results mean that nothing was written in between."""
    return {
        region: sorted(f"{item.key} {item.identity}" for item in stored(regions, region).objects.versions(""))
        for region in REGIONS
    }


def content_keys(regions: MediaRegions, assets: Sequence[Asset]) -> dict[Asset, tuple[bytes, bytes]]:
    """Return the key and IV of each asset's current version."""
    place = stored(regions, HERE)
    found = {}
    for tenant, asset in assets:
        pointer, _etag = place.assets.pointer(tenant, asset)
        document, _etag = place.assets.key(tenant, asset, pointer.current)
        found[tenant, asset] = (place.content_keys.open(tenant, document), document.iv)
    return found


def tenant_keys(regions: MediaRegions, tenants: Sequence[str]) -> dict[str, bytes]:
    """Return each tenant's current key."""
    place = stored(regions, HERE)
    return {tenant: place.tenants.current(tenant).key for tenant in tenants}


# Checks


def check_each_was_encrypted_once(regions: MediaRegions, library: Library, rotation: str) -> None:
    """Check that the rotation made exactly one version of each asset, from the first, and that it decrypts to the original."""
    place = stored(regions, HERE)
    for tenant, asset in library.assets:
        made = [number for number in place.assets.versions(tenant, asset) if number != 1]
        assert made == [2], (tenant, asset, made)
        document, _etag = place.assets.key(tenant, asset, 2)
        assert (document.rotation, document.source) == (rotation, 1), (tenant, asset)
    check_decrypts(regions, library, HERE)


def check_decrypts(regions: MediaRegions, library: Library, region: str) -> None:
    """Check that every asset of a region decrypts to the original with openssl or ffmpeg."""
    place = stored(regions, region)
    for tenant, asset in library.assets:
        pointer, _etag = place.assets.pointer(tenant, asset)
        document, _etag = place.assets.key(tenant, asset, pointer.current)
        key = place.content_keys.open(tenant, document)
        frames = library.frames.get(f"{tenant}/{asset}")
        if frames:
            assert _frames(regions, region, (tenant, asset), key) == frames, (tenant, asset)
            continue
        for name in SEGMENTS:
            body, _etag = place.objects.get(layout.media_file(tenant, asset, pointer.current, name))
            clear = openssl_cbc(body, key, document.iv, decrypt=True)
            assert clear == clear_segment(f"{tenant}/{asset}/{name}"), (tenant, asset, name)


@dataclass(frozen=True)
class Before:
    """The keys from before the rotations."""

    content: dict[Asset, tuple[bytes, bytes]]
    tenants: dict[str, bytes]
    kms_key: str


def check_nothing_opens(regions: MediaRegions, library: Library, before: Before) -> int:
    """Check that no previous key opens any version of any object in both regions. Return how many versions were tried."""
    tried = 0
    for region in REGIONS:
        s3, kms, bucket = regions.lab("s3", region), regions.lab("kms", region), regions.bucket(region)
        for version in stored(regions, region).objects.versions(""):
            if version.marker or not version.key.startswith(("keys/", "media/")):
                continue
            body = s3.get_object(Bucket=bucket, Key=version.key, VersionId=version.identity)["Body"].read()
            tried += 1
            if version.key.startswith("keys/"):
                _check_wraps(kms, version.key, body, before.kms_key.replace(HERE, region))
            elif version.key.endswith("/key.json"):
                _check_wrap(version.key, body, before.tenants)
            elif version.key.endswith(".ts"):
                _check_segment(version.key, body, before.content)
        for item in library.assets:
            frames = library.frames.get("/".join(item))
            if frames:
                assert _frames(regions, region, item, before.content[item][0]) != frames, (region, item)
    return tried


def _check_wraps(kms, name: str, body: bytes, old_key: str) -> None:
    document = TenantKeyDocument.from_json(name, json.loads(body))
    earlier = document.previous.versions if document.previous else {}
    for version in [*document.versions.values(), *earlier.values()]:
        context = {"tenant": document.tenant, "purpose": "media"}
        for given in ({"KeyId": old_key}, {} if old_key.rpartition("/")[2] in version.kms_key_arn else None):
            if given is None:
                continue
            try:
                kms.decrypt(CiphertextBlob=version.wrapped_key, EncryptionContext=context, **given)
            except ClientError:
                continue
            raise AssertionError(f"the old KMS key opens {name}")


def _check_wrap(name: str, body: bytes, tenants: dict[str, bytes]) -> None:
    document = KeyDocument.from_json(name, json.loads(body))
    for tenant, key in tenants.items():
        try:
            aes_key_unwrap(key, document.wrapped_key)
        except InvalidUnwrap:
            continue
        raise AssertionError(f"the old key of {tenant} opens {name}")


def _check_segment(name: str, body: bytes, keys: dict[Asset, tuple[bytes, bytes]]) -> None:
    _media, tenant, asset, _version, *file = name.split("/")
    key, iv = keys[tenant, asset]
    clear = openssl_cbc(body, key, iv, decrypt=True)
    assert clear != clear_segment(f"{tenant}/{asset}/{'/'.join(file)}"), f"the old content key opens {name}"
