# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""ClearKey licences, as the browser's EME requests them.

https://www.w3.org/TR/encrypted-media/#clear-key-request-format and #clear-key-license-format
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from media_server.errors import BadInputError
from media_server.licence.asset_keys import AssetKeys

MOST_KIDS = 32
_KID = re.compile(r"[A-Za-z0-9_-]{22}")


def requested_kids(request: Any) -> list[bytes]:
    """Return the key IDs in a licence request. Raise BadInputError."""
    kids = request.get("kids") if isinstance(request, dict) else None
    if not isinstance(kids, list) or not 1 <= len(kids) <= MOST_KIDS:
        raise BadInputError("bad-licence-request", f"A licence request must have 1 to {MOST_KIDS} key IDs in kids.")
    if request.get("type", "temporary") != "temporary":
        raise BadInputError("bad-licence-request", "Only temporary licences are supported.")
    return list(dict.fromkeys(_decoded(kid) for kid in kids))


def licence(keys: AssetKeys, tenant: str, asset: str, request: Any) -> dict[str, Any]:
    """Return the licence for a request: a JSON Web Key set. Raise NotFoundError if the asset doesn't have one of the keys."""
    found = [keys.get(tenant, asset, kid) for kid in requested_kids(request)]
    return {
        "keys": [{"kty": "oct", "k": _encoded(item.key), "kid": _encoded(item.kid)} for item in found],
        "type": "temporary",
    }


def _decoded(kid: Any) -> bytes:
    if not isinstance(kid, str) or not _KID.fullmatch(kid):
        raise BadInputError("bad-licence-request", "A key ID must be 16 bytes in base64url without padding.")
    try:
        return base64.urlsafe_b64decode(kid + "==")
    except binascii.Error:
        raise BadInputError("bad-licence-request", "A key ID must be 16 bytes in base64url without padding.") from None


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
