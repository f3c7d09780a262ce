# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Sign administrators' tokens for a media server: JWT (RFC 7519) by HS256. Standard library only."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
import typing as t
import uuid

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError, doing

# Seconds that a token is valid: for one request and its repetitions.
_TTL = 300


class TokenSigner:
    """Sign with the current key of a secret in Secrets Manager, which is read once. The key is in no repr and no error."""

    def __init__(self, client: t.Any, secret: str, clock: t.Callable[[], float] = time.time):
        self._client = client
        self._secret = secret
        self._clock = clock
        self._key: tuple[str, bytes] | None = None

    def __call__(self) -> str:
        """Return a new token. Each request needs another one: the server accepts none twice."""
        kid, key = self._key or self._read()
        now = int(self._clock())
        header = {"alg": "HS256", "kid": kid, "typ": "JWT"}
        claims = {"aud": "admin", "exp": now + _TTL, "iat": now, "jti": uuid.uuid4().hex}
        signed = b".".join(_encoded(json.dumps(part).encode()) for part in (header, claims))
        return b".".join([signed, _encoded(hmac.digest(key, signed, hashlib.sha256))]).decode()

    def _read(self) -> tuple[str, bytes]:
        with doing(f"read the secret {self._secret}"):
            text = self._client.get_secret_value(SecretId=self._secret)["SecretString"]
        try:
            content = json.loads(text)
            kid = content["current"]
            self._key = (kid, base64.b64decode(content["keys"][kid], validate=True))
        except (ValueError, KeyError, TypeError, binascii.Error):
            raise PlatformError(
                f'The secret {self._secret} holds no JSON object with "keys" (base64 by name) and "current".'
            ) from None
        return self._key


def _encoded(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
