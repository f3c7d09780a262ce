# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The documents of an asset: the pointer to its current version, and the wrapped key of each version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from media_server.errors import ConflictError, UnprocessableError
from media_server.store import layout
from media_server.store.documents import SCHEMA, Fields, encoded, to_bytes
from media_server.store.objects import ObjectStore, PreconditionFailed

SCHEMES = ("cbcs", "cenc", "aes-128")
# How kept sources are encrypted: media_server.sources.cipher.
SOURCE_SCHEME = "aes-256-ctr-hmac-sha256"
ALGORITHM = "A256KW"


@dataclass(frozen=True)
class KeyDocument:
    """The content key of one version or kept source, wrapped by version `tenant_key_version` of the tenant's key (RFC 3394).

    `kcv` is the key check value in hexadecimal. `rotation` created this version from version `source`; `rewrapped_by` is the
    rotation that last rewrapped the key.
    """

    kid: bytes
    scheme: str
    iv: bytes
    wrapped_key: bytes = field(repr=False)
    kcv: str
    tenant_key_version: int
    created_at: str
    rotation: str | None = None
    source: int | None = None
    rewrapped_by: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the document as it is stored."""
        return {
            "schema": SCHEMA,
            "kid": self.kid.hex(),
            "alg": ALGORITHM,
            "scheme": self.scheme,
            "iv": self.iv.hex(),
            "wrapped_key": encoded(self.wrapped_key),
            "kcv": self.kcv,
            "tenant_key_version": self.tenant_key_version,
            "created_at": self.created_at,
            "rotation": self.rotation,
            "source": self.source,
            "rewrapped_by": self.rewrapped_by,
        }

    @classmethod
    def from_json(cls, name: str, data: Any) -> KeyDocument:
        """Parse the document of object `name`. Raise UnprocessableError if it is not valid."""
        fields = Fields(name, data)
        scheme = fields.text("scheme")
        if fields.text("alg") != ALGORITHM or scheme not in (*SCHEMES, SOURCE_SCHEME):
            raise UnprocessableError("bad-document", f"{name} is not readable: unknown algorithm or scheme.")
        return cls(
            kid=fields.hexadecimal("kid"),
            scheme=scheme,
            iv=fields.hexadecimal("iv"),
            wrapped_key=fields.base64("wrapped_key"),
            kcv=fields.text("kcv"),
            tenant_key_version=fields.number("tenant_key_version"),
            created_at=fields.text("created_at"),
            rotation=fields.optional_text("rotation"),
            source=fields.optional_number("source"),
            rewrapped_by=fields.optional_text("rewrapped_by"),
        )


@dataclass(frozen=True)
class MediaVersion:
    """A version in the pointer: its files, their total size in bytes, and the ID of its key."""

    files: tuple[str, ...]
    bytes: int
    scheme: str
    kid: bytes

    def to_json(self) -> dict[str, Any]:
        """Return the document as it is stored."""
        return {"files": list(self.files), "bytes": self.bytes, "scheme": self.scheme, "kid": self.kid.hex()}

    @classmethod
    def from_fields(cls, fields: Fields) -> MediaVersion:
        """Parse a version in a pointer."""
        return cls(fields.texts("files"), fields.number("bytes"), fields.text("scheme"), fields.hexadecimal("kid"))


@dataclass(frozen=True)
class Pointer:
    """The current version of an asset, and the other playable ones.

    `rotation` is the rotation that made the current one, if any.
    """

    tenant: str
    asset: str
    current: int
    versions: Mapping[int, MediaVersion]
    flipped_at: str
    previous: int | None = None
    rotation: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the document as it is stored."""
        return {
            "schema": SCHEMA,
            "tenant": self.tenant,
            "asset": self.asset,
            "current": self.current,
            "previous": self.previous,
            "rotation": self.rotation,
            "versions": {str(number): version.to_json() for number, version in sorted(self.versions.items())},
            "flipped_at": self.flipped_at,
        }

    @classmethod
    def from_json(cls, name: str, data: Any) -> Pointer:
        """Parse the document of object `name`. Raise UnprocessableError if it is not valid."""
        fields = Fields(name, data)
        pointer = cls(
            tenant=fields.text("tenant"),
            asset=fields.text("asset"),
            current=fields.number("current"),
            versions={number: MediaVersion.from_fields(item) for number, item in fields.numbered("versions").items()},
            flipped_at=fields.text("flipped_at"),
            previous=fields.optional_number("previous"),
            rotation=fields.optional_text("rotation"),
        )
        if pointer.current not in pointer.versions:
            raise UnprocessableError("bad-document", f"{name} is not readable: its current version is missing.")
        return pointer

    @property
    def version(self) -> MediaVersion:
        """Return the current version."""
        return self.versions[self.current]

    def number_of(self, kid: bytes) -> int | None:
        """Return the number of the version with this key ID."""
        return next((number for number, version in self.versions.items() if version.kid == kid), None)

    def flipped(self, number: int, version: MediaVersion, rotation: str | None, at: str) -> Pointer:
        """Return the pointer with another current version; the previous one stays playable."""
        versions = {**self.versions, number: version}
        return replace(self, current=number, previous=self.current, versions=versions, rotation=rotation, flipped_at=at)

    def without(self, number: int) -> Pointer:
        """Return the pointer without a version."""
        versions = {other: version for other, version in self.versions.items() if other != number}
        return replace(self, versions=versions, previous=None if self.previous == number else self.previous)


class AssetStore:
    """Reads and writes the documents of assets, with conditional writes only."""

    def __init__(self, objects: ObjectStore):
        self.objects = objects

    def assets(self, tenant: str) -> Iterator[str]:
        """Yield a tenant's assets in order, including those without a pointer, which are being packaged for the first time."""
        return self.objects.folders(layout.tenant_prefix(tenant))

    def versions(self, tenant: str, asset: str) -> list[int]:
        """Return the numbers of all versions with objects, including unfinished ones, in order."""
        folders = self.objects.folders(layout.asset_prefix(tenant, asset))
        return sorted(number for folder in folders if (number := layout.version_number(folder)) is not None)

    def sources(self, tenant: str, asset: str) -> list[str]:
        """Return the folders of an asset's kept sources."""
        return [
            folder for folder in self.objects.folders(layout.asset_prefix(tenant, asset)) if layout.is_source(folder)
        ]

    def pointer(self, tenant: str, asset: str) -> tuple[Pointer, str]:
        """Return the pointer and its ETag. Raise NotFoundError."""
        name = layout.pointer(tenant, asset)
        data, etag = self.objects.get_json(name)
        return Pointer.from_json(name, data), etag

    def create_pointer(self, pointer: Pointer) -> bool:
        """Write the first pointer of an asset. Return whether it was written."""
        return self.objects.create(layout.pointer(pointer.tenant, pointer.asset), to_bytes(pointer.to_json()))

    def flip(self, pointer: Pointer, etag: str) -> None:
        """Replace the pointer that was read with `etag`. Raise ConflictError if it was changed in the meantime."""
        name = layout.pointer(pointer.tenant, pointer.asset)
        try:
            self.objects.change(name, to_bytes(pointer.to_json()), etag)
        except PreconditionFailed:
            raise ConflictError("changed-meanwhile", f"{name} was changed in the meantime.") from None

    def key(self, tenant: str, asset: str, version: int | str) -> tuple[KeyDocument, str]:
        """Return the key document of a version, or of a source by its folder, and its ETag. Raise NotFoundError."""
        name = layout.key_document(tenant, asset, version)
        data, etag = self.objects.get_json(name)
        return KeyDocument.from_json(name, data), etag

    def create_key(self, tenant: str, asset: str, version: int | str, document: KeyDocument) -> bool:
        """Write a new version's key document. Return whether it was written; use an existing one."""
        return self.objects.create(layout.key_document(tenant, asset, version), to_bytes(document.to_json()))

    def change_key(self, tenant: str, asset: str, version: int | str, document: KeyDocument, etag: str) -> None:
        """Replace the wrapped key of a version. Raise ConflictError if it was changed in the meantime."""
        name = layout.key_document(tenant, asset, version)
        try:
            self.objects.change(name, to_bytes(document.to_json()), etag)
        except PreconditionFailed:
            raise ConflictError("changed-meanwhile", f"{name} was changed in the meantime.") from None
