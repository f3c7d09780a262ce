# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Find the items in a rotation's scope. Read only."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from media_server.errors import ConflictError, NotFoundError
from media_server.keys.documents import TenantKeyDocument
from media_server.keys.kms import same_key
from media_server.rotation.model import Item
from media_server.rotation.params import Params
from media_server.rotation.services import RotationServices
from media_server.store import layout
from media_server.store.parallel import run_parallel

# Up to this many assets are read one by one, of more a sample of this size: one request lists 1000 names, but reads one asset.
LOOKED_AT = 1000
_KEY_BYTES = 400
KEPT_S = 10.0

Name = tuple[str, str]


@dataclass(frozen=True)
class Survey:
    """The items in a scope. If `estimated`, only a sample was read, and the sizes are its average."""

    items: list[Item]
    estimated: bool = False


class Surveys:
    """Runs one survey at a time and caches it for some seconds, because a plan is often requested twice in a row."""

    def __init__(self, services: RotationServices, kept_s: float = KEPT_S):
        self._services = services
        self._kept_s = kept_s
        self._kept: dict[str, tuple[float, Survey]] = {}
        self._lock = threading.Lock()

    def get(self, params: Params, target: str | None) -> Survey:
        """Return the survey, cached or new: see `survey`."""
        key = json.dumps([params.rotation_id, params.identity, target], sort_keys=True)
        with self._lock:
            self._kept = {name: kept for name, kept in self._kept.items() if time.monotonic() < kept[0]}
            if key not in self._kept:
                found = survey(self._services, params, target)
                self._kept[key] = (time.monotonic() + self._kept_s, found)
            return self._kept[key][1]


def survey(services: RotationServices, params: Params, target: str | None) -> Survey:
    """Return all items in the scope. Raise NotFoundError for an unknown tenant or asset, or ConflictError."""
    tenants = _tenants(services, params)
    if params.kind == "kms":
        return Survey(run_parallel(lambda document: _tenant_item(services, document, target or ""), tenants))
    listed = run_parallel(lambda document: _names(services, params, document.tenant), tenants)
    names = [name for tenant in listed for name in tenant]
    # A listing doesn't contain the age of a key.
    if len(names) > LOOKED_AT and not params.scope.older_than:
        return Survey(_estimated(services, params, names), estimated=True)
    items = _looked_at(services, params, names)
    if params.scope.asset and not items and not params.scope.older_than:
        raise NotFoundError("no-asset", f"Asset {params.scope.tenant}/{params.scope.asset} doesn't exist.")
    return Survey(items)


def _estimated(services: RotationServices, params: Params, names: Sequence[Name]) -> list[Item]:
    """Return the assets with the average sizes of an evenly spread sample.

    Assets in progress count too, and are skipped later.
    """
    sample = [names[number * len(names) // LOOKED_AT] for number in range(LOOKED_AT)]
    found = _looked_at(services, params, sample)
    objects = round(sum(item.objects for item in found) / LOOKED_AT)
    size = round(sum(item.bytes for item in found) / LOOKED_AT)
    return [Item(tenant, asset, objects, size) for tenant, asset in names]


def _looked_at(services: RotationServices, params: Params, names: Sequence[Name]) -> list[Item]:
    found = run_parallel(lambda name: _asset_item(services, params, *name), names)
    return [item for item in found if item is not None]


def _tenants(services: RotationServices, params: Params) -> list[TenantKeyDocument]:
    if params.scope.tenant:
        names = [params.scope.tenant]
    else:
        listed = services.objects.list(layout.TENANT_KEYS)
        names = [tenant for item in listed if (tenant := layout.tenant_of_key(item.key))]
    documents = run_parallel(lambda name: services.tenants.document(name)[0], names)
    key = params.scope.kms_key_arn
    chosen = [document for document in documents if not key or _lies_under(document, key)]
    if params.kind == "kms":
        _require_free(chosen, params.rotation_id)
    return chosen


def _lies_under(document: TenantKeyDocument, key: str) -> bool:
    return any(same_key(version.kms_key_arn, key) for version in document.versions.values())


def _require_free(documents: Iterable[TenantKeyDocument], rotation: str) -> None:
    for document in documents:
        if document.previous and document.previous.rotation != rotation:
            message = (
                f"Rotation {document.previous.rotation} of tenant {document.tenant} is neither finalized nor rolled back: "
                "do that first."
            )
            raise ConflictError("rotation-open", message)


def _names(services: RotationServices, params: Params, tenant: str) -> list[Name]:
    assets = [params.scope.asset] if params.scope.asset else services.assets.assets(tenant)
    return [(tenant, asset) for asset in assets]


def _tenant_item(services: RotationServices, document: TenantKeyDocument, target: str) -> Item:
    wraps = sum(not same_key(version.kms_key_arn, target) for version in document.versions.values())
    # With those that failed and have a kept source: its key is below the tenant's, too.
    assets = sum(1 for _asset in services.assets.assets(document.tenant))
    return Item(document.tenant, None, objects=min(1, wraps), bytes=_KEY_BYTES * wraps, assets=assets, kms_calls=wraps)


def _asset_item(services: RotationServices, params: Params, tenant: str, asset: str) -> Item | None:
    """Return the item of an asset; None if it isn't ready, or its key is newer than the scope allows."""
    try:
        pointer, _etag = services.assets.pointer(tenant, asset)
    except NotFoundError:
        return None
    if params.scope.older_than:
        key, _etag = services.assets.key(tenant, asset, pointer.current)
        if key.created_at >= params.scope.older_than:
            return None
    if params.kind == "tenant":
        versions = len(pointer.versions)
        return Item(tenant, asset, objects=versions, bytes=_KEY_BYTES * versions)
    # The files, the new key document and the pointer.
    return Item(tenant, asset, objects=len(pointer.version.files) + 2, bytes=pointer.version.bytes)
