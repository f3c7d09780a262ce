# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Create the tenants' keys, unwrap them with KMS, and cache them in memory for a limited time."""

from __future__ import annotations

import datetime
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from media_server.errors import NotFoundError
from media_server.keys.documents import TenantKeyDocument, TenantKeyVersion
from media_server.keys.kms import KmsKeys
from media_server.store import layout
from media_server.store.documents import to_bytes
from media_server.store.objects import ObjectStore, PreconditionFailed

CACHE_TTL_S = 300.0


@dataclass(frozen=True)
class TenantKey:
    """A version of a tenant's key, unwrapped."""

    version: int
    key: bytes = field(repr=False)


@dataclass
class _Cached:
    """The cached document and keys of a tenant, valid until `until`."""

    until: float
    document: TenantKeyDocument
    opened: dict[int, bytes] = field(default_factory=dict, repr=False)


def now() -> str:
    """Return the current time in UTC, as documents store it."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


class TenantKeys:
    """The keys of all tenants. `envelope_key` (ARN or alias) is the KMS key that wraps the keys of new tenants.

    A key is decrypted once in `ttl_s` seconds, however many assets need it, so KMS gets about one call per tenant.
    """

    def __init__(
        self,
        objects: ObjectStore,
        kms: KmsKeys,
        envelope_key: str,
        *,
        ttl_s: float = CACHE_TTL_S,
        clock: Callable[[], float] = time.monotonic,
    ):
        self.kms = kms
        self.ttl_s = ttl_s
        self._objects = objects
        self._envelope_key = envelope_key
        self._clock = clock
        self._cache: dict[str, _Cached] = {}
        self._locks: dict[str, threading.RLock] = {}
        self._lock = threading.Lock()

    def fresh(self) -> TenantKeys:
        """Return the same keys with an empty cache."""
        return TenantKeys(self._objects, self.kms, self._envelope_key, ttl_s=self.ttl_s, clock=self._clock)

    def document(self, tenant: str) -> tuple[TenantKeyDocument, str]:
        """Read the tenant's document from S3. Return it and its ETag. Raise NotFoundError."""
        name = layout.tenant_key(tenant)
        data, etag = self._objects.get_json(name)
        return TenantKeyDocument.from_json(name, data), etag

    def replace(self, document: TenantKeyDocument, etag: str) -> None:
        """Replace the document that was read with `etag`. Raise PreconditionFailed."""
        self._objects.change(layout.tenant_key(document.tenant), to_bytes(document.to_json()), etag)
        self.forget(document.tenant)

    def forget(self, tenant: str) -> None:
        """Remove a tenant from the cache."""
        with self._lock:
            self._cache.pop(tenant, None)

    def current(self, tenant: str) -> TenantKey:
        """Return the key that wraps new content keys. Raise NotFoundError for a tenant without a key."""
        with self._lock_of(tenant):
            cached = self._cached(tenant)
            number = cached.document.current
            return TenantKey(number, self._opened(cached, tenant, number))

    def of_version(self, tenant: str, version: int) -> bytes:
        """Return a version of the key, current or older. Raise NotFoundError if the tenant doesn't have it."""
        with self._lock_of(tenant):
            cached = self._cached(tenant)
            if version not in cached.document.versions:
                # It may be new: read the document again.
                self.forget(tenant)
                cached = self._cached(tenant)
            return self._opened(cached, tenant, version)

    def ensure(self, tenant: str) -> None:
        """Create the tenant's first key if it has none. The caller must have checked that this region is active."""
        with self._lock_of(tenant):
            try:
                self._cached(tenant)
            except NotFoundError:
                made = self.kms.generate(self._envelope_key, tenant)
                version = TenantKeyVersion(made.wrapped, made.kms_key_arn, now())
                document = TenantKeyDocument(tenant, 1, {1: version})
                self._objects.create(layout.tenant_key(tenant), to_bytes(document.to_json()))

    def add(self, tenant: str, rotation: str) -> int:
        """Create the key of `rotation`, unless it exists, and return its number. It does not become the current one."""
        with self._lock_of(tenant):
            document, etag = self.document(tenant)
            made = document.made_by(rotation)
            if made is not None:
                return made
            wrapped = self.kms.generate(document.versions[document.current].kms_key_arn, tenant)
            document = document.with_key(wrapped, rotation, now())
            try:
                self.replace(document, etag)
            except PreconditionFailed:
                return self.add(tenant, rotation)
            number = max(document.versions)
            if wrapped.plaintext:
                self._cached(tenant).opened[number] = wrapped.plaintext
            return number

    def _lock_of(self, tenant: str) -> threading.RLock:
        with self._lock:
            return self._locks.setdefault(tenant, threading.RLock())

    def _cached(self, tenant: str) -> _Cached:
        cached = self._cache.get(tenant)
        if cached is None or self._clock() >= cached.until:
            document, _etag = self.document(tenant)
            cached = _Cached(self._clock() + self.ttl_s, document)
            with self._lock:
                self._cache[tenant] = cached
        return cached

    def _opened(self, cached: _Cached, tenant: str, number: int) -> bytes:
        if number not in cached.opened:
            version = cached.document.versions.get(number)
            if version is None:
                raise NotFoundError("no-tenant-key", f"Tenant {tenant} has no key version {number}.")
            cached.opened[number] = self.kms.decrypt(version.wrap, tenant)
        return cached.opened[number]
