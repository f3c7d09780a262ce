# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The content keys of assets: made, wrapped by the tenant's key, and opened only if they are the ones that were stored."""

from __future__ import annotations

import secrets
from dataclasses import replace

from media_server.keys.tenants import TenantKeys, now
from media_server.keys.wrapping import check_value, require_check_value, unwrap, wrap
from media_server.store.assets import KeyDocument

KEY_BYTES = 16
IV_BYTES = 16


class ContentKeys:
    """Content keys of 128 bits, as ISO/IEC 23001-7 and RFC 8216 have them."""

    def __init__(self, tenants: TenantKeys):
        self.tenants = tenants

    def create(
        self,
        tenant: str,
        scheme: str,
        *,
        iv: bytes | None = None,
        rotation: str | None = None,
        source: int | None = None,
    ) -> KeyDocument:
        """A new key with a new key ID, wrapped. It counts once it is stored; the one that is stored is to be used."""
        key, tenant_key = secrets.token_bytes(KEY_BYTES), self.tenants.current(tenant)
        return KeyDocument(
            kid=secrets.token_bytes(16),
            scheme=scheme,
            iv=secrets.token_bytes(IV_BYTES) if iv is None else iv,
            wrapped_key=wrap(tenant_key.key, key),
            kcv=check_value(key),
            tenant_key_version=tenant_key.version,
            created_at=now(),
            rotation=rotation,
            source=source,
        )

    def open(self, tenant: str, document: KeyDocument) -> bytes:
        """The key of a document. Raises WrongKeyError before anything could be done with a wrong one."""
        key = unwrap(self.tenants.of_version(tenant, document.tenant_key_version), document.wrapped_key)
        require_check_value(key, document.kcv)
        return key

    def rewrap(self, tenant: str, document: KeyDocument, version: int, rotation: str) -> KeyDocument:
        """The same key, wrapped by another key of the tenant."""
        key = self.open(tenant, document)
        wrapped = wrap(self.tenants.of_version(tenant, version), key)
        return replace(document, wrapped_key=wrapped, tenant_key_version=version, rewrapped_by=rotation)
