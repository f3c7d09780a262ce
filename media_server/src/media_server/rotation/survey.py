# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Finds what a rotation's scope takes in. Reads only."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from media_server.errors import ConflictError, NotFoundError
from media_server.keys.documents import TenantKeyDocument
from media_server.keys.kms import same_key
from media_server.rotation.model import Item
from media_server.rotation.params import Params
from media_server.rotation.services import RotationServices
from media_server.store import layout

_AT_ONCE = 8
_KEY_BYTES = 400
KEPT_S = 10.0

Given = TypeVar("Given")
Made = TypeVar("Made")


class Surveys:
    """One survey at a time, remembered for some seconds: a plan is asked for twice in a row, and again by whoever was cut off."""

    def __init__(self, services: RotationServices, kept_s: float = KEPT_S):
        self._services = services
        self._kept_s = kept_s
        self._kept: dict[str, tuple[float, list[Item]]] = {}
        self._lock = threading.Lock()

    def get(self, params: Params, target: str | None) -> list[Item]:
        """See `survey`."""
        key = json.dumps([params.rotation_id, params.identity, target], sort_keys=True)
        with self._lock:
            self._kept = {name: kept for name, kept in self._kept.items() if time.monotonic() < kept[0]}
            if key not in self._kept:
                items = survey(self._services, params, target)
                self._kept[key] = (time.monotonic() + self._kept_s, items)
            return self._kept[key][1]


def survey(services: RotationServices, params: Params, target: str | None) -> list[Item]:
    """All items in the scope. Raises NotFoundError for a tenant or an asset that isn't there, ConflictError."""
    tenants = _tenants(services, params, target)
    if params.kind == "kms":
        return [_tenant_item(services, document, target or "") for document in tenants]
    names = [(document.tenant, asset) for document in tenants for asset in _assets(services, params, document.tenant)]
    found = _at_once(lambda name: _asset_item(services, params, *name), names)
    items = [item for item in found if item is not None]
    if params.scope.asset and not items and not params.scope.older_than:
        raise NotFoundError("no-asset", f"There is no asset {params.scope.tenant}/{params.scope.asset}.")
    return items


def _at_once(make: Callable[[Given], Made], given: Iterable[Given]) -> list[Made]:
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        return list(pool.map(make, given))


def _tenants(services: RotationServices, params: Params, target: str | None) -> list[TenantKeyDocument]:
    if params.scope.tenant:
        names = [params.scope.tenant]
    else:
        listed = services.objects.list(layout.TENANT_KEYS)
        names = [tenant for item in listed if (tenant := layout.tenant_of_key(item.key))]
    documents = _at_once(lambda name: services.tenants.document(name)[0], names)
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


def _assets(services: RotationServices, params: Params, tenant: str) -> Iterable[str]:
    return [params.scope.asset] if params.scope.asset else services.assets.assets(tenant)


def _tenant_item(services: RotationServices, document: TenantKeyDocument, target: str) -> Item:
    wraps = sum(not same_key(version.kms_key_arn, target) for version in document.versions.values())
    assets = sum(1 for _asset in services.assets.assets(document.tenant))
    return Item(document.tenant, None, objects=min(1, wraps), bytes=_KEY_BYTES * wraps, assets=assets, kms_calls=wraps)


def _asset_item(services: RotationServices, params: Params, tenant: str, asset: str) -> Item | None:
    """Nothing for an asset that is still being made, or whose key is younger than asked for."""
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
    # The files, the new key and the pointer.
    return Item(tenant, asset, objects=len(pointer.version.files) + 2, bytes=pointer.version.bytes)
