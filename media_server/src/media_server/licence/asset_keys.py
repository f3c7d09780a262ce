# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The keys of an asset's versions, of all that still play: a session that began before a rotation goes on with the old one."""

from __future__ import annotations

from dataclasses import dataclass, field

from media_server.errors import NotFoundError
from media_server.keys.content import ContentKeys
from media_server.licence.pointers import Pointers
from media_server.store.assets import AssetStore


@dataclass(frozen=True)
class AssetKey:
    """A content key, opened; `scheme` says what it decrypts, and `iv` from where (but for cenc, whose samples bring their own)."""

    kid: bytes
    scheme: str
    iv: bytes
    key: bytes = field(repr=False)


class AssetKeys:
    """Opens keys by their id, for one asset at a time. Who asks has shown a token of that asset."""

    def __init__(self, assets: AssetStore, content_keys: ContentKeys, pointers: Pointers) -> None:
        self._assets = assets
        self._content_keys = content_keys
        self._pointers = pointers

    def get(self, tenant: str, asset: str, kid: bytes) -> AssetKey:
        """The key of this id. Raises NotFoundError where none of the asset's versions has it."""
        number = self._pointers.find(tenant, asset, lambda pointer: pointer.number_of(kid))
        if number is None:
            raise NotFoundError("no-key", "The asset has no key of this id.")
        document, _etag = self._assets.key(tenant, asset, number)
        if document.kid != kid:
            raise NotFoundError("no-key", "The asset has no key of this id.")
        return AssetKey(kid, document.scheme, document.iv, self._content_keys.open(tenant, document))
