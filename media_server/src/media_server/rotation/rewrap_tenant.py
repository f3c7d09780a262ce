# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Rotate the tenants' keys: create a new key per tenant and rewrap the content keys with it, without KMS. Media don't change."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from media_server.errors import ConflictError, NotFoundError
from media_server.keys.documents import TenantKeyDocument
from media_server.rotation import rewrap_kms
from media_server.rotation.model import Item, Outcome
from media_server.rotation.work import Work, each
from media_server.store import layout

# Tenant, asset, and the number of a version or the folder of a kept source.
Name = tuple[str, str, int | str]


def rotate(work: Work, items: Sequence[Item]) -> Outcome:
    """Create the tenants' new keys, and rewrap the content keys with them."""
    numbers = {tenant: _prepare(work, tenant) for tenant in dict.fromkeys(item.tenant for item in items)}

    def step(item: Item) -> Outcome:
        number = numbers[item.tenant]
        return _rewrap(work, item, number, lambda under: under < number)

    return each(work, items, step)


def _prepare(work: Work, tenant: str) -> int:
    """Return the number of the tenant's new key, once it is replicated: nothing may be wrapped with it before."""
    services = work.services
    document, _etag = services.tenants.document(tenant)
    number = document.made_by(work.rotation)
    if number is None:
        services.active.require()
        number = services.tenants.add(tenant, work.rotation)
    work.wait_replicated([layout.tenant_key(tenant)])
    _set_current(work, tenant, number, lambda current: current < number)
    return number


def _set_current(work: Work, tenant: str, number: int, wanted: Callable[[int], bool]) -> None:
    while True:
        document, etag = work.services.tenants.document(tenant)
        if document.current == number or not wanted(document.current):
            return
        work.services.active.require()
        try:
            rewrap_kms.replace(work, dataclasses.replace(document, current=number), etag)
        except ConflictError:
            continue


def _rewrap(work: Work, item: Item, number: int, which: Callable[[int], bool]) -> Outcome:
    """Rewrap the keys of the pointer's versions with key `number`, if `which` accepts the number of their current key.

    Versions that are in progress or abandoned, and kept sources, are left to `finalize`, which lists them; listing here would
    dominate the cost.
    """
    tenant, asset = item.tenant, item.asset or ""
    try:
        pointer, _etag = work.services.assets.pointer(tenant, asset)
    except NotFoundError:
        return Outcome(skipped=1)
    changed = sum(rewrap_version(work, (tenant, asset, version), number, which) for version in pointer.versions)
    return Outcome(done=1, objects=changed)


def rewrap_version(work: Work, name: Name, number: int, which: Callable[[int], bool]) -> bool:
    """Rewrap the key of one version or source with key `number`. Return whether that was needed."""
    services, tenant = work.services, name[0]
    try:
        document, etag = services.assets.key(*name)
    except NotFoundError:
        # Being deleted, or not started.
        return False
    if not which(document.tenant_key_version):
        return False
    work.recently_active.require()
    rewrapped = services.content_keys.rewrap(tenant, document, number, work.rotation)
    services.assets.change_key(*name, rewrapped, etag)
    return True


def roll_back(work: Work, items: Sequence[Item]) -> Outcome:
    """Rewrap the content keys with the tenants' previous keys."""
    numbers = {tenant: _unprepare(work, tenant) for tenant in dict.fromkeys(item.tenant for item in items)}
    return each(work, items, lambda item: _unwrap(work, item, *numbers[item.tenant]))


def _unprepare(work: Work, tenant: str) -> tuple[int | None, int | None]:
    document, _etag = work.services.tenants.document(tenant)
    number = document.made_by(work.rotation)
    before = key_before(document, number)
    if before is not None:
        _set_current(work, tenant, before, lambda current: current == number)
    return number, before


def key_before(document: TenantKeyDocument, number: int | None) -> int | None:
    """Return the newest key that is older than `number`."""
    return max((other for other in document.versions if number is not None and other < number), default=None)


def _unwrap(work: Work, item: Item, number: int | None, before: int | None) -> Outcome:
    if before is None:
        return Outcome(skipped=1)
    return _rewrap(work, item, before, lambda under: under == number)
