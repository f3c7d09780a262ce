# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Verify assets from what S3 stores now, without caches: key check value, key IDs, and the first decrypted bytes."""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Iterable, Sequence

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from media_server.errors import NotFoundError, UnprocessableError
from media_server.isobmff.fragments import Sample, read_samples
from media_server.keys.kms import same_key
from media_server.rekey import Track, read_track
from media_server.rotation.model import Item, Outcome
from media_server.rotation.rewriting import init_of, is_init
from media_server.rotation.work import Work, each
from media_server.store import layout
from media_server.store.assets import KeyDocument, Pointer
from media_server.store.media_types import is_manifest

SAMPLE = 20
_BLOCK = 16
_TS_PACKET = 188
_TS_SYNC = 0x47


def sampled(items: Sequence[Item], total: int) -> list[Item]:
    """Return the items of a shard that belong to a sample of about SAMPLE of `total` items, chosen by a hash of their names."""
    step = max(1, total // SAMPLE)
    return [item for item in items if zlib.crc32(item.name.encode()) % step == 0]


def verify(work: Work, items: Sequence[Item]) -> Outcome:
    """Verify each asset, or one asset of each tenant. An asset that the new keys alone can't decrypt is a failure."""
    fresh = dataclasses.replace(work, services=work.services.without_cache())
    return each(fresh, items, lambda item: _verify(fresh, item))


def _wrong(message: str) -> UnprocessableError:
    return UnprocessableError("not-verified", message)


def _verify(work: Work, item: Item) -> Outcome:
    _check_tenant_key(work, item.tenant)
    if item.asset is not None:
        return Outcome(done=_check_asset(work, item.tenant, item.asset))
    for asset in work.services.assets.assets(item.tenant):
        if _check_asset(work, item.tenant, asset):
            break
    return Outcome(done=1)


def _check_tenant_key(work: Work, tenant: str) -> None:
    document, _etag = work.services.tenants.document(tenant)
    target = work.plan.target_kms_key_arn
    for number, version in document.versions.items():
        if target and not same_key(version.kms_key_arn, target):
            raise _wrong(f"Key {number} of tenant {tenant} is still wrapped by {version.kms_key_arn}.")


def _check_asset(work: Work, tenant: str, asset: str) -> int:
    try:
        pointer, _etag = work.services.assets.pointer(tenant, asset)
    except NotFoundError:
        return 0
    document, _etag = work.services.assets.key(tenant, asset, pointer.current)
    if work.plan.params.kind == "tenant":
        keys, _etag = work.services.tenants.document(tenant)
        made = keys.made_by(work.rotation)
        if made is not None and document.tenant_key_version < made:
            raise _wrong(f"{tenant}/{asset} is still wrapped by key {document.tenant_key_version} of its tenant.")
    if document.kid != pointer.version.kid:
        raise _wrong(f"{tenant}/{asset} has another key ID than its pointer.")
    _check_content(work, pointer, document, work.services.content_keys.open(tenant, document))
    return 1


def _check_content(work: Work, pointer: Pointer, document: KeyDocument, key: bytes) -> None:
    segments = [name for name in pointer.version.files if not is_manifest(name) and not is_init(name)]
    for name in list(_first_of_each_folder(segments)):
        body = _read(work, pointer, name)
        if document.scheme == "aes-128":
            first = _cbc(key, document.iv, body[: 2 * _TS_PACKET // _BLOCK * _BLOCK])
            if first[0] != _TS_SYNC or first[_TS_PACKET] != _TS_SYNC:
                raise _wrong(f"{pointer.asset}/{name} doesn't decrypt to a transport stream.")
            continue
        track = read_track(_read(work, pointer, init_of(name)))
        if track.kid != document.kid:
            raise _wrong(f"{pointer.asset}/{init_of(name)} has another key ID.")
        samples = list(read_samples(body, track))
        if not samples:
            raise _wrong(f"{pointer.asset}/{name} has no samples.")
        _compare_with_source(work, pointer, document, name, first_block(body, track, samples[0], key))


def _compare_with_source(work: Work, pointer: Pointer, document: KeyDocument, name: str, found: bytes) -> None:
    """Compare the decrypted bytes with those of the source version, while that exists."""
    source = document.source
    if source is None or source not in pointer.versions:
        return
    before, _etag = work.services.assets.key(pointer.tenant, pointer.asset, source)
    body = _read(work, pointer, name, source)
    track = read_track(_read(work, pointer, init_of(name), source))
    sample = next(iter(read_samples(body, track)))
    key = work.services.content_keys.open(pointer.tenant, before)
    if first_block(body, track, sample, key) != found:
        raise _wrong(f"{pointer.asset}/{name} decrypts to other content than its source.")


def first_block(body: bytes, track: Track, sample: Sample, key: bytes) -> bytes:
    """Return the first encrypted bytes of a sample, decrypted: up to 16."""
    if not sample.ranges:
        return b""
    start, end = sample.ranges[0]
    data = body[start : min(end, start + _BLOCK)]
    if track.scheme == "cbcs":
        return _cbc(key, sample.iv or track.constant_iv, data) if len(data) == _BLOCK else data
    return Cipher(algorithms.AES(key), modes.CTR(sample.iv.ljust(_BLOCK, b"\0"))).decryptor().update(data)


def _cbc(key: bytes, iv: bytes, data: bytes) -> bytes:
    return Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor().update(data)


def _first_of_each_folder(names: Iterable[str]) -> Iterable[str]:
    first: dict[str, str] = {}
    for name in names:
        first.setdefault(name.rpartition("/")[0], name)
    return first.values()


def _read(work: Work, pointer: Pointer, name: str, version: int | None = None) -> bytes:
    number = pointer.current if version is None else version
    try:
        return work.services.objects.get(layout.media_file(pointer.tenant, pointer.asset, number, name))[0]
    except NotFoundError:
        raise _wrong(f"{pointer.asset}/{name} of version {number} is missing.") from None
