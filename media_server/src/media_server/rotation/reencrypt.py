# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Rotate content keys: write each asset to a new version, which becomes current once all of it is replicated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from media_server.errors import ConflictError, NotFoundError
from media_server.keys.tenants import now
from media_server.rotation.model import Item, Outcome
from media_server.rotation.rewriting import Opened, Rewriting
from media_server.rotation.work import Work, each
from media_server.store import layout
from media_server.store.assets import KeyDocument, MediaVersion, Pointer

_VERSIONS_TRIED = 1000


def rotate(work: Work, items: Sequence[Item]) -> Outcome:
    """Write all assets of a shard, then switch their pointers, so that they replicate in parallel."""
    written = each(work, items, lambda item: _write(work, item))
    failed = {failure.item for failure in written.failures}
    flipped = each(work, [item for item in items if item.name not in failed], lambda item: _flip(work, item))
    # `_flip` counts the items, `_write` the cost.
    return replace(written, done=0, skipped=0) + flipped


def made_by(work: Work, tenant: str, asset: str) -> dict[int, KeyDocument]:
    """Return the versions of an asset that this rotation made, with their key documents.

    A version without a key doesn't count.
    """
    assets = work.services.assets
    found = {}
    for number in assets.versions(tenant, asset):
        try:
            document, _etag = assets.key(tenant, asset, number)
        except NotFoundError:
            continue
        if document.rotation == work.rotation:
            found[number] = document
    return found


def _is_rotated(work: Work, pointer: Pointer) -> bool:
    return pointer.rotation == work.rotation


def _write(work: Work, item: Item) -> Outcome:
    tenant, asset = item.tenant, item.asset or ""
    try:
        pointer, _etag = work.services.assets.pointer(tenant, asset)
    except NotFoundError:
        return Outcome()
    if _is_rotated(work, pointer):
        return Outcome()
    work.services.active.require()
    number, document = _target(work, pointer)
    rewriting = _rewriting(work, pointer, number, document)
    prefix = layout.version_prefix(tenant, asset, number)
    there = {listed.key.removeprefix(prefix) for listed in work.services.objects.list(prefix)}
    missing = [file for file in pointer.version.files if file not in there]
    size = 0
    for file in missing:
        work.checkpoint()
        size += rewriting.write(file)
    return Outcome(objects=len(missing) + 1, bytes=size)


def _rewriting(work: Work, pointer: Pointer, number: int, document: KeyDocument) -> Rewriting:
    tenant, asset = pointer.tenant, pointer.asset
    keys = work.services.content_keys
    source, _etag = work.services.assets.key(tenant, asset, pointer.current)
    return Rewriting(
        objects=work.services.objects,
        tenant=tenant,
        asset=asset,
        scheme=pointer.version.scheme,
        source=pointer.current,
        target=number,
        old=Opened(source.kid, source.iv, keys.open(tenant, source)),
        new=Opened(document.kid, document.iv, keys.open(tenant, document)),
    )


def _target(work: Work, pointer: Pointer) -> tuple[int, KeyDocument]:
    """Return the version that this rotation makes from the current one: one that it has begun, or a new one."""
    tenant, asset = pointer.tenant, pointer.asset
    for number, document in made_by(work, tenant, asset).items():
        if document.source == pointer.current:
            return number, document
    services = work.services
    source, _etag = services.assets.key(tenant, asset, pointer.current)
    # The IV can stay, because the key is new.
    made = services.content_keys.create(
        tenant, pointer.version.scheme, iv=source.iv, rotation=work.rotation, source=pointer.current
    )
    first = max(services.assets.versions(tenant, asset), default=pointer.current) + 1
    for number in range(first, first + _VERSIONS_TRIED):
        services.assets.create_key(tenant, asset, number, made)
        document, _etag = services.assets.key(tenant, asset, number)
        if document.rotation == work.rotation and document.source == pointer.current:
            return number, document
    raise ConflictError("no-version", f"There is no free number for a new version of {tenant}/{asset}.")


def _flip(work: Work, item: Item) -> Outcome:
    services, tenant, asset = work.services, item.tenant, item.asset or ""
    try:
        pointer, etag = services.assets.pointer(tenant, asset)
    except NotFoundError:
        return Outcome(skipped=1)
    if _is_rotated(work, pointer):
        return Outcome(done=1)
    ready = [number for number, key in made_by(work, tenant, asset).items() if key.source == pointer.current]
    if not ready:
        # A new upload is current now, with its own key; the next attempt includes it.
        raise ConflictError(
            "source-changed", f"{item.name} was replaced during the rotation. Fix: start the rotation again."
        )
    document, _etag = services.assets.key(tenant, asset, ready[0])
    version = MediaVersion(pointer.version.files, _size(work, pointer, ready[0]), document.scheme, document.kid)
    require_replicated(work, pointer, ready[0])
    services.active.require()
    services.assets.flip(pointer.flipped(ready[0], version, work.rotation, now()), etag)
    return Outcome(done=1, objects=1)


def _size(work: Work, pointer: Pointer, number: int) -> int:
    """Return the size of a version in bytes.

    Raise ConflictError if a file is missing, which only somebody else can have deleted.
    """
    prefix = layout.version_prefix(pointer.tenant, pointer.asset, number)
    sizes = {item.key.removeprefix(prefix): item.size for item in work.services.objects.list(prefix)}
    missing = [file for file in pointer.version.files if file not in sizes]
    if missing:
        raise ConflictError(
            "incomplete-version", f"Version {number} lacks {len(missing)} file(s), the first is {missing[0]}."
        )
    return sum(sizes[file] for file in pointer.version.files)


def require_replicated(work: Work, pointer: Pointer, number: int) -> None:
    """Wait until all objects of a version are in the other region. Raise UnavailableError."""
    tenant, asset = pointer.tenant, pointer.asset
    names = [layout.media_file(tenant, asset, number, file) for file in pointer.version.files]
    needed = [*names, layout.key_document(tenant, asset, number), layout.tenant_key(tenant)]
    work.wait_replicated(needed)


def roll_back(work: Work, items: Sequence[Item]) -> Outcome:
    """Make the source versions current again, where this rotation's versions are."""
    return each(work, items, lambda item: _flip_back(work, item))


def _flip_back(work: Work, item: Item) -> Outcome:
    services, tenant, asset = work.services, item.tenant, item.asset or ""
    try:
        pointer, etag = services.assets.pointer(tenant, asset)
    except NotFoundError:
        return Outcome(skipped=1)
    if not _is_rotated(work, pointer):
        return Outcome(skipped=1)
    document, _etag = services.assets.key(tenant, asset, pointer.current)
    source = document.source
    if source is None or source not in pointer.versions:
        raise ConflictError("finalized", f"The previous version of {item.name} was deleted.")
    before, _etag = services.assets.key(tenant, asset, source)
    services.content_keys.open(tenant, before)
    require_replicated(work, pointer, source)
    services.active.require()
    back = pointer.flipped(source, pointer.versions[source], before.rotation, now())
    services.assets.flip(back, etag)
    return Outcome(done=1, objects=1)
