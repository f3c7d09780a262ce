# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Keep uploads as encrypted sources, read them back, and remove them.

A source has a key of its own, wrapped by the tenant's key. It is below the asset's prefix, so it is replicated to the other
region, which uploads are not. Removing one leaves its versions for as long as the bucket keeps them.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

from media_server.errors import NotFoundError
from media_server.keys.content import ContentKeys
from media_server.keys.tenants import TenantKeys
from media_server.sources.cipher import TAG_BYTES, EncryptingReader, Tick, decrypt
from media_server.store import layout
from media_server.store.assets import SOURCE_SCHEME, AssetStore
from media_server.store.objects import Version


def source_of(upload: Version) -> str:
    """Return the folder of the source that is made of a version of an upload. Each upload makes a source of its own."""
    identity = json.dumps([upload.key, upload.identity, upload.etag, upload.size])
    return layout.source_folder(hashlib.sha256(identity.encode()).hexdigest()[:32])


def today() -> datetime.date:
    """Return the current date in UTC."""
    return datetime.datetime.now(datetime.UTC).date()


class KeptSources:
    """The kept sources of all assets."""

    def __init__(self, assets: AssetStore, tenants: TenantKeys, date: Callable[[], datetime.date] = today) -> None:
        self._assets = assets
        self._objects = assets.objects
        self._tenants = tenants
        self._keys = ContentKeys(tenants)
        self._date = date

    def uploads(self, tenant: str, asset: str) -> list[Version]:
        """Return the versions and delete markers of an asset's upload."""
        name = layout.upload(tenant, asset)
        # S3 lists by prefix: lesson-10 begins with lesson-1.
        return [version for version in self._objects.versions(name) if version.key == name]

    def keep(self, tenant: str, asset: str, uploads: list[Version], tick: Tick) -> str | None:
        """Keep all versions of an upload, also those that a newer one replaced. Return the latest's source, if there is one."""
        latest = None
        for version in uploads:
            if not version.marker:
                self._keep(tenant, asset, version, tick)
                latest = source_of(version) if version.latest else latest
        return latest

    def _keep(self, tenant: str, asset: str, upload: Version, tick: Tick) -> None:
        source = source_of(upload)
        if self._is_complete(tenant, asset, source, upload.size):
            return
        self._objects.create(layout.kept(self._date().isoformat(), tenant, asset, source), b"")
        self._tenants.ensure(tenant)
        # Of several workers one creates the key, and all write the same bytes.
        self._assets.create_key(tenant, asset, source, self._keys.create(tenant, SOURCE_SCHEME))
        document, _etag = self._assets.key(tenant, asset, source)
        body = self._objects.open(upload.key, version=upload.identity)["Body"]
        reader = EncryptingReader(body, self._keys.open(tenant, document), document.iv, tick)
        self._objects.upload(layout.source_content(tenant, asset, source), reader)

    def _is_complete(self, tenant: str, asset: str, source: str, size: int) -> bool:
        try:
            found = self._objects.head(layout.source_content(tenant, asset, source))
        except NotFoundError:
            return False
        return found["ContentLength"] == size + TAG_BYTES

    def discard_uploads(self, tenant: str, asset: str, uploads: list[Version]) -> None:
        """Permanently delete these versions of an upload, which isn't encrypted, once they are kept; newer ones stay."""
        gone = {version.identity for version in uploads}
        if gone:
            self._objects.delete_versions(layout.upload(tenant, asset), lambda version: version.identity in gone)

    def read(self, tenant: str, asset: str, source: str, target: Path, tick: Tick = lambda: None) -> None:
        """Decrypt a source into a file. Raise NotFoundError, or UnprocessableError if it isn't what was stored."""
        document, _etag = self._assets.key(tenant, asset, source)
        key = self._keys.open(tenant, document)
        body = self._objects.open(layout.source_content(tenant, asset, source))["Body"]
        with target.open("wb") as writer:
            decrypt(body, writer, key, document.iv, tick)

    def remove_all(self, tenant: str, asset: str) -> int:
        """Delete all sources of an asset, whose result was accepted. Return how many."""
        sources = self._assets.sources(tenant, asset)
        for source in sources:
            document, _etag = self._assets.key(tenant, asset, source)
            self.remove(tenant, asset, source)
            self.unmark(datetime.datetime.fromisoformat(document.created_at).date(), tenant, asset, source)
        return len(sources)

    def remove(self, tenant: str, asset: str, source: str) -> None:
        """Delete a source. Its versions stay until the bucket's lifecycle expires them."""
        # The key goes last: without it an interrupted removal couldn't be repeated.
        for name in (layout.source_content(tenant, asset, source), layout.key_document(tenant, asset, source)):
            self._objects.delete(name)

    def marks(self) -> Iterator[tuple[datetime.date, str, str, str]]:
        """Yield the date since which each source is kept, with its tenant, asset and folder, the oldest first."""
        for listed in self._objects.list(layout.KEPT):
            date, tenant, asset, source = listed.key.removeprefix(layout.KEPT).split("/")
            yield datetime.date.fromisoformat(date), tenant, asset, source

    def unmark(self, date: datetime.date, tenant: str, asset: str, source: str) -> None:
        """Remove the mark of a source that was removed."""
        self._objects.delete(layout.kept(date.isoformat(), tenant, asset, source))
