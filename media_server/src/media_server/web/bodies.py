# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Parse request bodies without a fixed schema."""

from __future__ import annotations

import json
from typing import Any

from media_server.errors import BadInputError


def json_body(body: bytes) -> dict[str, Any]:
    """Return the JSON object in a body; an empty body is an empty object. Raise BadInputError."""
    try:
        found = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise BadInputError("invalid-request", "The body isn't JSON.") from None
    if not isinstance(found, dict):
        raise BadInputError("invalid-request", "The body must be a JSON object.")
    return found
