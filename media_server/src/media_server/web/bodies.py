# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Bodies that aren't a fixed form."""

from __future__ import annotations

import json
from typing import Any

from media_server.errors import BadInputError


def json_body(body: bytes) -> dict[str, Any]:
    """The JSON object that a body holds; an empty body counts as an empty one. Raises BadInputError."""
    try:
        found = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise BadInputError("invalid-request", "The body isn't JSON.") from None
    if not isinstance(found, dict):
        raise BadInputError("invalid-request", "The body has to be a JSON object.")
    return found
