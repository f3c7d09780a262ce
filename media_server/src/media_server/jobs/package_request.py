# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The message that asks for the packaging of an asset."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from media_server.errors import BadInputError
from media_server.packaging.ladder import check_ladder
from media_server.store import layout
from media_server.store.assets import SCHEMES
from media_server.store.names import check_id

# Part of the job ID: change it when sources are encoded differently.
PROFILE = "cmaf-1"


def job_id(upload: str, etag: str, size: int, scheme: str, ladder: tuple[int, ...] | None) -> str:
    """Return the ID of a job: the same source and profile give the same ID."""
    identity = json.dumps([upload, etag, size, scheme, ladder, PROFILE])
    return hashlib.sha256(identity.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class PackageRequest:
    """The content of a packaging message. Without a ladder the default one is used."""

    tenant: str
    asset: str
    scheme: str
    upload: str
    ladder: tuple[int, ...] | None = None

    @classmethod
    def from_message(cls, body: dict[str, Any]) -> PackageRequest:
        """Parse a message. Raise BadInputError if this server didn't write it."""
        tenant, asset = check_id("tenant", body.get("tenant")), check_id("asset", body.get("asset"))
        upload = layout.upload(tenant, asset)
        scheme = body.get("scheme")
        if scheme not in SCHEMES or body.get("upload") != upload:
            raise BadInputError("bad-job", "The job's scheme or upload isn't valid.")
        ladder = body.get("ladder")
        return cls(tenant, asset, scheme, upload, None if ladder is None else check_ladder(ladder))

    def to_message(self) -> dict[str, Any]:
        """Return the message for the queue."""
        return {
            "kind": "package",
            "tenant": self.tenant,
            "asset": self.asset,
            "upload": self.upload,
            "scheme": self.scheme,
            "ladder": self.ladder,
        }
