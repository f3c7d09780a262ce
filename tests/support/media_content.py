# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Create and decrypt small HLS AES-128 assets with the openssl command, which is independent of our code."""

from __future__ import annotations

import random
import subprocess

from media_server.keys.content import ContentKeys
from media_server.keys.tenants import TenantKeys
from media_server.rekey.manifest import key_uri
from media_server.store import layout
from media_server.store.assets import AssetStore, MediaVersion, Pointer
from media_server.store.objects import ObjectStore

SEGMENTS = ("v/0.ts", "v/1.ts")
PLAYLIST = "v/video.m3u8"
MASTER = "master.m3u8"
_PACKET = 188


def openssl_cbc(data: bytes, key: bytes, iv: bytes, *, decrypt: bool = False) -> bytes | None:
    """Run AES-128-CBC with PKCS #7 in openssl. Return nothing if it fails."""
    direction = ["-d"] if decrypt else []
    command = ["openssl", "enc", "-aes-128-cbc", *direction, "-K", key.hex(), "-iv", iv.hex()]
    ran = subprocess.run(command, input=data, capture_output=True, check=False)
    return ran.stdout if ran.returncode == 0 else None


def clear_segment(name: str, packets: int = 12) -> bytes:
    """Return bytes that look like a transport stream, different for each name."""
    draw = random.Random(name)
    return b"".join(b"\x47" + draw.randbytes(_PACKET - 1) for _ in range(packets))


def playlist(kid: bytes, iv: bytes) -> str:
    """Return a media playlist with the key's placeholder."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:4"]
    lines.append(f'#EXT-X-KEY:METHOD=AES-128,URI="{key_uri(kid)}",IV=0x{iv.hex()}')
    for segment in SEGMENTS:
        lines += ["#EXTINF:4,", segment.rpartition("/")[2]]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def make_asset(objects: ObjectStore, tenants: TenantKeys, tenant: str, asset: str) -> None:
    """Store version 1 of an asset, as the packager would."""
    tenants.ensure(tenant)
    keys, assets = ContentKeys(tenants), AssetStore(objects)
    assets.create_key(tenant, asset, 1, keys.create(tenant, "aes-128"))
    document, _etag = assets.key(tenant, asset, 1)
    key = keys.open(tenant, document)
    files = {name: openssl_cbc(clear_segment(f"{tenant}/{asset}/{name}"), key, document.iv) or b"" for name in SEGMENTS}
    files[PLAYLIST] = playlist(document.kid, document.iv).encode()
    files[MASTER] = b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000000\nv/video.m3u8\n"
    for name, body in files.items():
        objects.put(layout.media_file(tenant, asset, 1, name), body)
    version = MediaVersion(tuple(files), sum(len(body) for body in files.values()), "aes-128", document.kid)
    assets.create_pointer(Pointer(tenant, asset, 1, {1: version}, document.created_at))


def play(objects: ObjectStore, tenants: TenantKeys, tenant: str, asset: str) -> int:
    """Play an asset as a client does: read the pointer, the version's key and playlist, and decrypt each segment with openssl.

    Return the version that was played. Raise AssertionError for a wrong segment.
    """
    assets = AssetStore(objects)
    pointer, _etag = assets.pointer(tenant, asset)
    document, _etag = assets.key(tenant, asset, pointer.current)
    key = ContentKeys(tenants).open(tenant, document)
    text, _etag = objects.get(layout.media_file(tenant, asset, pointer.current, PLAYLIST))
    assert key_uri(document.kid) in text.decode(), f"{tenant}/{asset}: the playlist names another key"
    for name in SEGMENTS:
        body, _etag = objects.get(layout.media_file(tenant, asset, pointer.current, name))
        clear = openssl_cbc(body, key, document.iv, decrypt=True)
        assert clear == clear_segment(f"{tenant}/{asset}/{name}"), f"{tenant}/{asset}/{name}: wrong segment"
    return pointer.current
