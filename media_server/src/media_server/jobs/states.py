# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The state of an asset from its upload on, stored in `assets/{tenant}/{asset}.json`.

The pointer alone decides what plays; this document says why nothing plays yet.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from media_server.errors import ConflictError, NotFoundError
from media_server.keys.tenants import now
from media_server.store.documents import SCHEMA, Fields, to_bytes
from media_server.store.objects import ObjectStore, PreconditionFailed

UPLOADING, QUEUED, PACKAGING, READY, FAILED = "uploading", "queued", "packaging", "ready", "failed"


def state_object(tenant: str, asset: str) -> str:
    """Return the name of the object that stores an asset's state."""
    return f"assets/{tenant}/{asset}.json"


@dataclass(frozen=True)
class Failure:
    """Why packaging failed: a code for programs and a message for people."""

    code: str
    message: str


@dataclass(frozen=True)
class Refusal:
    """The first refusal of a source: why, by which worker, and when. A second one, elsewhere, is final."""

    code: str
    worker: str
    at: str


@dataclass(frozen=True)
class AssetState:
    """The state of one asset.

    `size` and `part_bytes` are of the source, in bytes; `ladder` is set if one was chosen; `attempts` counts the attempts to
    package it; `source` is the folder of the kept source.
    """

    tenant: str
    asset: str
    scheme: str
    size: int
    title: str
    state: str
    upload_id: str
    part_bytes: int
    created_at: str
    changed_at: str
    ladder: tuple[int, ...] | None = None
    job: str | None = None
    attempts: int = 0
    failure: Failure | None = None
    source: str | None = None
    refusal: Refusal | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the document as it is stored."""
        return {"schema": SCHEMA} | dataclasses.asdict(self)

    @classmethod
    def from_json(cls, name: str, data: Any) -> AssetState:
        """Parse the document of object `name`. Raise UnprocessableError if it is not valid."""
        fields = Fields(name, data)
        failure, refusal = fields.optional("failure"), fields.optional("refusal")
        texts = ("tenant", "asset", "scheme", "title", "state", "upload_id", "created_at", "changed_at")
        return cls(
            **{field: fields.text(field) for field in texts},
            size=fields.number("size"),
            part_bytes=fields.number("part_bytes"),
            ladder=fields.optional_numbers("ladder"),
            job=fields.optional_text("job"),
            attempts=fields.number("attempts"),
            failure=failure and Failure(failure.text("code"), failure.text("message")),
            source=fields.optional_text("source"),
            refusal=refusal and Refusal(refusal.text("code"), refusal.text("worker"), refusal.text("at")),
        )

    def public(self) -> dict[str, Any]:
        """Return the state as the API reports it."""
        public_fields = (
            "tenant",
            "asset",
            "scheme",
            "ladder",
            "size",
            "title",
            "state",
            "job",
            "created_at",
            "changed_at",
        )
        failure = dataclasses.asdict(self.failure) if self.failure else None
        return {field: getattr(self, field) for field in public_fields} | {
            "failure": failure,
            "source_kept": self.source is not None,
        }


class AssetStates:
    """Reads and writes states, with conditional writes only."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects

    def get(self, tenant: str, asset: str) -> tuple[AssetState, str]:
        """Return the state and its ETag. Raise NotFoundError."""
        name = state_object(tenant, asset)
        try:
            data, etag = self._objects.get_json(name)
        except NotFoundError:
            raise NotFoundError("no-asset", f"Tenant {tenant} has no asset {asset}.") from None
        return AssetState.from_json(name, data), etag

    def create(self, state: AssetState) -> bool:
        """Write the first state. Return whether it was written."""
        return self._objects.create(state_object(state.tenant, state.asset), to_bytes(state.to_json()))

    def change(self, state: AssetState, etag: str, /, **fields: Any) -> AssetState:
        """Replace the state that was read with `etag`. Raise ConflictError if it was changed in the meantime."""
        changed = dataclasses.replace(state, changed_at=now(), **fields)
        try:
            self._objects.change(state_object(state.tenant, state.asset), to_bytes(changed.to_json()), etag)
        except PreconditionFailed:
            message = f"Asset {state.asset} was changed in the meantime."
            raise ConflictError("changed-meanwhile", message) from None
        return changed
