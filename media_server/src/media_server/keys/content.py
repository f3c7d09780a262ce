# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Create, wrap and unwrap the content keys of assets. An unwrapped key is checked against its check value."""

from __future__ import annotations

import secrets
from dataclasses import replace

from media_server.keys.tenants import TenantKeys, now
from media_server.keys.wrapping import check_value, require_check_value, unwrap, wrap
from media_server.store.assets import SOURCE_SCHEME, KeyDocument

KEY_BYTES = 16
# AES-256, then HMAC-SHA256.
SOURCE_KEY_BYTES = 64
IV_BYTES = 16


class ContentKeys:
    """Content keys of 128 bits, for ISO/IEC 23001-7 and RFC 8216, and the keys of kept sources."""

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
        """Generate a key with a new key ID and return it wrapped. It is valid only once it is stored; use the stored document."""
        key = secrets.token_bytes(SOURCE_KEY_BYTES if scheme == SOURCE_SCHEME else KEY_BYTES)
        tenant_key = self.tenants.current(tenant)
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
        """Unwrap the key of a document. Raise WrongKeyError before a wrong key can be used."""
        key = unwrap(self.tenants.of_version(tenant, document.tenant_key_version), document.wrapped_key)
        require_check_value(key, document.kcv)
        return key

    def rewrap(self, tenant: str, document: KeyDocument, version: int, rotation: str) -> KeyDocument:
        """Wrap the same key with another version of the tenant's key."""
        key = self.open(tenant, document)
        wrapped = wrap(self.tenants.of_version(tenant, version), key)
        return replace(document, wrapped_key=wrapped, tenant_key_version=version, rewrapped_by=rotation)
