# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read the token signing keys from Secrets Manager. To rotate them, add a key and make it the current one.

The secret's text: {"keys": {"<kid>": "<base64 of 32 bytes or more>"}, "current": "<kid>"}.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from media_server.errors import UnauthorizedError, UnavailableError

KEPT_S = 300.0
# How long cached keys are used while Secrets Manager fails.
STALE_S = 3600.0
# Minimum interval between reads caused by unknown kids.
RETRY_S = 10.0

_KID = re.compile(r"[A-Za-z0-9._-]{1,64}")
# RFC 7518, section 3.2: a key at least as long as the hash.
_KEY_BYTES = 32


@dataclass(frozen=True)
class SigningKeys:
    """The valid keys by kid, and the kid of the one that signs new tokens."""

    current: str
    keys: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def from_text(cls, text: str) -> SigningKeys:
        """Parse the secret's text. Raise UnavailableError, which never quotes it."""
        try:
            document = json.loads(text)
            keys = {kid: base64.b64decode(value, validate=True) for kid, value in document["keys"].items()}
            current = document["current"]
        except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
            raise UnavailableError(
                "token-keys-unreadable", "The secret of the token keys doesn't have the documented format."
            ) from None
        sound = all(_KID.fullmatch(kid) and len(key) >= _KEY_BYTES for kid, key in keys.items())
        if not sound or current not in keys:
            message = f"The token keys must have names that match {_KID.pattern}, at least {_KEY_BYTES} bytes, and a current key."
            raise UnavailableError("token-keys-unreadable", message)
        return cls(current, keys)


class TokenKeys:
    """Caches the keys of `secret_id` for `kept_s` seconds; reads them again when a token names an unknown kid."""

    def __init__(
        self, client: Any, secret_id: str, *, kept_s: float = KEPT_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._secret_id = secret_id
        self._kept_s = kept_s
        self._clock = clock
        self._keys: SigningKeys | None = None
        self._read_at = 0.0
        self._asked_at: float | None = None
        self._lock = threading.Lock()

    def signing(self) -> tuple[str, bytes]:
        """Return the current kid and its key."""
        keys = self._fresh()
        return keys.current, keys.keys[keys.current]

    def key(self, kid: str) -> bytes:
        """Return the key of a kid. Raise UnauthorizedError if the kid is unknown."""
        keys = self._fresh()
        if kid not in keys.keys:
            keys = self._fresh(missing=True)
        if kid not in keys.keys:
            raise UnauthorizedError("token-invalid", "The token isn't valid.")
        return keys.keys[kid]

    def read(self) -> SigningKeys:
        """Read the keys from Secrets Manager. Raise UnavailableError."""
        try:
            answer = self._client.get_secret_value(SecretId=self._secret_id)
        except (BotoCoreError, ClientError) as error:
            message = f"The token keys can't be read from Secrets Manager: {type(error).__name__}."
            raise UnavailableError("token-keys-unavailable", message) from error
        return SigningKeys.from_text(answer.get("SecretString", ""))

    def _fresh(self, *, missing: bool = False) -> SigningKeys:
        with self._lock:
            now = self._clock()
            wanted = missing or self._keys is None or now - self._read_at >= self._kept_s
            may_ask = self._keys is None or self._asked_at is None or now - self._asked_at >= RETRY_S
            if wanted and may_ask:
                self._asked_at = now
                self._read_again(now)
            assert self._keys is not None
            return self._keys

    def _read_again(self, now: float) -> None:
        try:
            self._keys = self.read()
            self._read_at = now
        except UnavailableError:
            if self._keys is None or now - self._read_at >= STALE_S:
                raise
