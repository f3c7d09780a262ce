# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The document with a tenant's keys, `keys/{tenant}.json`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from media_server.errors import UnprocessableError
from media_server.keys.kms import WrappedKey
from media_server.store.documents import SCHEMA, Fields, encoded


@dataclass(frozen=True)
class TenantKeyVersion:
    """One version of a tenant's key, wrapped by KMS. `rotation` is the rotation that created it, if any."""

    wrapped_key: bytes = field(repr=False)
    kms_key_arn: str
    created_at: str
    rotation: str | None = None

    @property
    def wrap(self) -> WrappedKey:
        """Return the wrapped key as KMS takes it."""
        return WrappedKey(self.wrapped_key, self.kms_key_arn)

    def to_json(self) -> dict[str, Any]:
        """Return the document as it is stored."""
        return {
            "wrapped_key": encoded(self.wrapped_key),
            "kms_key_arn": self.kms_key_arn,
            "created_at": self.created_at,
            "rotation": self.rotation,
        }

    @classmethod
    def from_fields(cls, fields: Fields) -> TenantKeyVersion:
        """Parse the fields of a version."""
        return cls(
            fields.base64("wrapped_key"),
            fields.text("kms_key_arn"),
            fields.text("created_at"),
            fields.optional_text("rotation"),
        )


def _versions_to_json(versions: Mapping[int, TenantKeyVersion]) -> dict[str, Any]:
    return {str(number): version.to_json() for number, version in sorted(versions.items())}


def _versions(fields: Fields) -> dict[int, TenantKeyVersion]:
    return {number: TenantKeyVersion.from_fields(item) for number, item in fields.numbered("versions").items()}


@dataclass(frozen=True)
class PreviousWraps:
    """The same keys as KMS had wrapped them before `rotation`, kept until the rotation is finalized."""

    rotation: str
    versions: Mapping[int, TenantKeyVersion]

    def to_json(self) -> dict[str, Any]:
        """Return the document as it is stored."""
        return {"rotation": self.rotation, "versions": _versions_to_json(self.versions)}


@dataclass(frozen=True)
class TenantKeyDocument:
    """A tenant's keys by version number. `current` wraps new content keys; the others still unwrap older ones."""

    tenant: str
    current: int
    versions: Mapping[int, TenantKeyVersion]
    previous: PreviousWraps | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the document as it is stored."""
        return {
            "schema": SCHEMA,
            "tenant": self.tenant,
            "current": self.current,
            "versions": _versions_to_json(self.versions),
            "previous": self.previous.to_json() if self.previous else None,
        }

    @classmethod
    def from_json(cls, name: str, data: Any) -> TenantKeyDocument:
        """Parse the document of object `name`. Raise UnprocessableError if it is not valid."""
        fields = Fields(name, data)
        before = fields.optional("previous")
        document = cls(
            tenant=fields.text("tenant"),
            current=fields.number("current"),
            versions=_versions(fields),
            previous=PreviousWraps(before.text("rotation"), _versions(before)) if before else None,
        )
        if document.current not in document.versions:
            raise UnprocessableError("bad-document", f"{name} is not readable: its current key is missing.")
        return document

    def made_by(self, rotation: str) -> int | None:
        """Return the number of the key that a rotation created."""
        return next((number for number, item in self.versions.items() if item.rotation == rotation), None)

    def with_key(self, wrapped: WrappedKey, rotation: str | None, at: str) -> TenantKeyDocument:
        """Return the document with one more key, which is not the current one yet."""
        added = TenantKeyVersion(wrapped.wrapped, wrapped.kms_key_arn, at, rotation)
        return replace(self, versions={**self.versions, max(self.versions) + 1: added})

    def without_key(self, number: int) -> TenantKeyDocument:
        """Return the document without an unused key and its previous wrap."""
        previous = self.previous and replace(self.previous, versions=_but(self.previous.versions, number))
        return replace(self, versions=_but(self.versions, number), previous=previous)

    def rewrapped(self, wraps: Mapping[int, WrappedKey], rotation: str) -> TenantKeyDocument:
        """Return the document with the keys wrapped again; the previous wraps are kept."""
        versions = {
            number: replace(item, wrapped_key=wraps[number].wrapped, kms_key_arn=wraps[number].kms_key_arn)
            if number in wraps
            else item
            for number, item in self.versions.items()
        }
        return replace(self, versions=versions, previous=PreviousWraps(rotation, self.versions))

    def with_previous_wraps(self) -> TenantKeyDocument:
        """Return the document with the previous wraps restored. A key that was created since keeps its wrap."""
        earlier = self.previous.versions if self.previous else {}
        versions = {number: earlier.get(number, item) for number, item in self.versions.items()}
        return replace(self, versions=versions, previous=None)

    def without_previous_wraps(self) -> TenantKeyDocument:
        """Return the document without the previous wraps."""
        return replace(self, previous=None)


def _but(versions: Mapping[int, TenantKeyVersion], number: int) -> dict[int, TenantKeyVersion]:
    return {other: item for other, item in versions.items() if other != number}
