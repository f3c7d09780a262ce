# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Refuse the second use of a token that changes something."""

from __future__ import annotations

import json
import uuid

from media_server.auth.tokens import Token
from media_server.errors import UnauthorizedError
from media_server.store import layout
from media_server.store.objects import ObjectStore


class UsedTokens:
    """Records used tokens as objects in S3, created with a conditional write: only the first use succeeds.

    The bucket's lifecycle may expire `tokens/used/` after one day, because no such token is valid for longer than one hour.
    """

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects

    def use(self, token: Token) -> None:
        """Record the use of a token. Raise UnauthorizedError if it was used before."""
        # A unique ID, by which the retry of a write with a lost response recognizes its own object.
        body = json.dumps({"schema": 1, "expires_at": token.expires_at, "use": uuid.uuid4().hex}).encode()
        name = layout.used_token(token.jti)
        if not self._objects.create(name, body) and self._objects.get(name)[0] != body:
            raise UnauthorizedError(
                "token-replayed", "The token was used before. Fix: get a new token for each change."
            )
