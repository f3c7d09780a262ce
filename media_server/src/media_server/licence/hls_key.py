# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""HLS keys: the 16 bytes that the URI of EXT-X-KEY returns (RFC 8216, section 5)."""

from __future__ import annotations

import re

from media_server.errors import BadInputError
from media_server.licence.asset_keys import AssetKeys

_KID = re.compile(r"[0-9a-f]{32}")


def hls_key(keys: AssetKeys, tenant: str, asset: str, kid: str) -> bytes:
    """Return the key of a hexadecimal key ID. Raise BadInputError or NotFoundError."""
    if not _KID.fullmatch(kid):
        raise BadInputError("bad-name", "A key ID must be 32 lowercase hexadecimal digits.")
    return keys.get(tenant, asset, bytes.fromhex(kid)).key
