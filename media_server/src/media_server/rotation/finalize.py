# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Finalize a rotation: permanently delete what the old keys open, in each region's own bucket, including noncurrent versions.

S3 does not replicate the deletion of a version, so each region deletes its own. The active region is first: it changes the
documents so that nothing refers to the old versions, waits for replication, and then deletes. The standby region deletes
after that is finished.
"""

from __future__ import annotations

from collections.abc import Sequence

from media_server.errors import ConflictError, NotFoundError, UnavailableError
from media_server.keys.documents import TenantKeyDocument
from media_server.rotation.model import Item, Outcome
from media_server.rotation.reencrypt import made_by
from media_server.rotation.rewrap_kms import replace
from media_server.rotation.rewrap_tenant import Name, key_before, rewrap_version
from media_server.rotation.work import Work, each
from media_server.store import layout
from media_server.store.assets import Pointer
from media_server.store.parallel import run_parallel


def content(work: Work, items: Sequence[Item]) -> Outcome:
    """Delete the versions that are encrypted with the old content keys."""
    return each(work, items, lambda item: _remove_versions(work, item))


def _remove_versions(work: Work, item: Item) -> Outcome:
    tenant, asset = item.tenant, item.asset or ""
    try:
        pointer, _etag = work.services.assets.pointer(tenant, asset)
    except NotFoundError:
        return Outcome(skipped=1)
    gone = _obsolete_versions(work, pointer)
    for number in sorted(gone):
        _remove_from_pointer(work, pointer, number)
        prefix = layout.version_prefix(tenant, asset, number)
        key = layout.key_document(tenant, asset, number)
        # The key document is deleted last: an interrupted run needs it to recognize the version.
        work.services.objects.delete_folder(prefix, lambda version, key=key: version.key != key)
        work.services.objects.delete_versions(key)
    return Outcome(done=1)


def _obsolete_versions(work: Work, pointer: Pointer) -> set[int]:
    """Return the source of each version that this rotation made, or the version itself if it never became current."""
    gone: set[int] = set()
    for number, document in made_by(work, pointer.tenant, pointer.asset).items():
        source = document.source
        counted = number in pointer.versions and pointer.current != source
        gone.add(source if counted and source is not None else number)
    if pointer.current in gone:
        raise ConflictError(
            "still-current", f"Version {pointer.current} of {pointer.asset} is still current: it is not deleted."
        )
    return gone


def _remove_from_pointer(work: Work, pointer: Pointer, number: int) -> None:
    """Remove a version from the pointer. From then on no new session plays it."""
    services, tenant, asset = work.services, pointer.tenant, pointer.asset
    pointer, etag = services.assets.pointer(tenant, asset)
    if number in pointer.versions:
        _require_active(work, layout.pointer(tenant, asset))
        services.assets.flip(pointer.without(number), etag)
    work.wait_replicated([layout.pointer(tenant, asset)])


def _require_active(work: Work, name: str) -> None:
    """Raise UnavailableError in the standby region, where the change of the active region must arrive first."""
    if not work.services.active.is_here():
        raise UnavailableError(
            "not-replicated", f"The last change of {name} is not replicated to this region yet: nothing was deleted."
        )


def kms(work: Work, items: Sequence[Item]) -> Outcome:
    """Delete the wraps by the old KMS key."""
    return each(work, items, lambda item: _remove_wraps(work, item))


def _remove_wraps(work: Work, item: Item) -> Outcome:
    name = layout.tenant_key(item.tenant)
    document, etag = work.services.tenants.document(item.tenant)
    if document.previous and document.previous.rotation == work.rotation:
        _require_active(work, name)
        replace(work, document.without_previous_wraps(), etag)
    work.wait_replicated([name])
    _remove_noncurrent(work, name)
    return Outcome(done=item.assets)


def _remove_noncurrent(work: Work, name: str) -> None:
    work.services.objects.delete_versions(name, lambda version: not version.latest)


def tenant(work: Work, items: Sequence[Item]) -> Outcome:
    """Delete the old wraps of the content keys. `tenants` deletes the tenants' old keys once this is finished everywhere."""
    return each(work, items, lambda item: _remove_key_wraps(work, item))


def _remove_key_wraps(work: Work, item: Item) -> Outcome:
    name, asset = item.tenant, item.asset or ""
    document, _etag = work.services.tenants.document(name)
    for version in _wrapped(work, name, asset):
        _require_rewrapped(work, document, (name, asset, version))
        _remove_noncurrent(work, layout.key_document(name, asset, version))
    return Outcome(done=1)


def _wrapped(work: Work, tenant: str, asset: str) -> list[int | str]:
    """Return what has a key under the tenant's: all versions of an asset, and its kept sources."""
    assets = work.services.assets
    return [*assets.versions(tenant, asset), *assets.sources(tenant, asset)]


def obsolete_keys(work: Work, document: TenantKeyDocument) -> set[int]:
    """Return the numbers of the tenant's keys that the rotation makes obsolete."""
    made = document.made_by(work.rotation)
    if made is None:
        return set()
    return {made} if work.state.obsolete == "target" else {number for number in document.versions if number < made}


def _wrapped_by(work: Work, name: Name) -> int | None:
    """Return the number of the tenant key that wraps the key of a version or a source, or None if it has no key."""
    try:
        return work.services.assets.key(*name)[0].tenant_key_version
    except NotFoundError:
        return None


def _require_rewrapped(work: Work, document: TenantKeyDocument, name: Name) -> int | None:
    """Wrap the key of a version or a source with a key that stays, if an obsolete one wraps it.

    Return the number of the key that wraps it now.

    A version that was packaged during the rotation may still use an obsolete key.
    """
    made = document.made_by(work.rotation)
    gone = obsolete_keys(work, document)
    number = key_before(document, made) if work.state.obsolete == "target" else made
    under = _wrapped_by(work, name)
    if under is None:
        return None
    if under in gone and number is not None:
        _require_active(work, layout.key_document(*name))
        rewrap_version(work, name, number, lambda other: other in gone)
        under = number
    work.wait_replicated([layout.key_document(*name)])
    return under


def tenants(work: Work, names: Sequence[str]) -> Outcome:
    """Delete the tenants' keys that wrap nothing. A key that assets outside the rotation's scope still need stays."""
    return each(work, [Item(name, None, 0, 0) for name in names], lambda item: _remove_tenant_keys(work, item.tenant))


def _remove_tenant_keys(work: Work, name: str) -> Outcome:
    services = work.services
    document, etag = services.tenants.document(name)
    gone = obsolete_keys(work, document)
    gone -= _used_keys(work, name) if gone else set()
    if gone:
        _require_active(work, layout.tenant_key(name))
        for number in sorted(gone):
            document = document.without_key(number)
        replace(work, document, etag)
    work.wait_replicated([layout.tenant_key(name)])
    _remove_noncurrent(work, layout.tenant_key(name))
    if _is_whole(work):
        run_parallel(lambda asset: _remove_wraps_of_sources(work, name, asset), services.assets.assets(name))
    return Outcome(done=1)


def _is_whole(work: Work) -> bool:
    """Return whether the rotation is of all assets of its tenants."""
    return not work.plan.params.scope.asset and not work.plan.params.scope.older_than and not work.plan.resume_marker


def _remove_wraps_of_sources(work: Work, name: str, asset: str) -> None:
    """Delete the old wraps of an asset's sources. One that failed has no pointer, so it is no item of the rotation."""
    work.checkpoint()
    for source in work.services.assets.sources(name, asset):
        _remove_noncurrent(work, layout.key_document(name, asset, source))


def _used_keys(work: Work, name: str) -> set[int]:
    """Return the numbers of the keys that wrap content keys of the tenant.

    If the scope is all assets, new ones are rewrapped first.
    """
    assets = work.services.assets
    document, _etag = work.services.tenants.document(name)
    whole = _is_whole(work)

    def used_by(asset: str) -> set[int | None]:
        work.checkpoint()
        versions = [(name, asset, version) for version in _wrapped(work, name, asset)]
        return {_require_rewrapped(work, document, one) if whole else _wrapped_by(work, one) for one in versions}

    return {number for used in run_parallel(used_by, assets.assets(name)) for number in used if number is not None}
