# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Find the keys of an asset's playable versions. A session that began before a rotation continues with the old key."""

from __future__ import annotations

from dataclasses import dataclass, field

from media_server.errors import NotFoundError
from media_server.keys.content import ContentKeys
from media_server.licence.pointers import Pointers
from media_server.store.assets import AssetStore


@dataclass(frozen=True)
class AssetKey:
    """An unwrapped content key. `scheme` is the encryption scheme; `iv` is not used for cenc, whose samples have their own."""

    kid: bytes
    scheme: str
    iv: bytes
    key: bytes = field(repr=False)


class AssetKeys:
    """Returns keys by key ID, for one asset at a time. The caller has checked a token for that asset."""

    def __init__(self, assets: AssetStore, content_keys: ContentKeys, pointers: Pointers) -> None:
        self._assets = assets
        self._content_keys = content_keys
        self._pointers = pointers

    def get(self, tenant: str, asset: str, kid: bytes) -> AssetKey:
        """Return the key with this ID. Raise NotFoundError if no version of the asset has it."""
        number = self._pointers.find(tenant, asset, lambda pointer: pointer.number_of(kid))
        if number is None:
            raise NotFoundError("no-key", "The asset has no key with this ID.")
        document, _etag = self._assets.key(tenant, asset, number)
        if document.kid != kid:
            raise NotFoundError("no-key", "The asset has no key with this ID.")
        return AssetKey(kid, document.scheme, document.iv, self._content_keys.open(tenant, document))
