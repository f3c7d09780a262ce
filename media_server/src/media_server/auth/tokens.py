# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Sign and check tokens (JWT, RFC 7519, HS256 only).

Each has one audience, one tenant, at most one asset and a short lifetime.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from media_server.auth.token_keys import TokenKeys
from media_server.errors import BadInputError, ForbiddenError, UnauthorizedError
from media_server.store.names import check_id

ALGORITHM = "HS256"
# Tolerated clock skew.
LEEWAY_S = 10
# The longest lifetime of a token that isn't for playback.
CALL_TTL_S = 3600

_LONGEST = 4096
_JTI = re.compile(r"[A-Za-z0-9_-]{8,64}")
_REQUIRED = ["aud", "exp", "iat", "jti"]


@dataclass(frozen=True)
class Token:
    """The claims of a checked token. `jti` identifies it; `expires_at` is in seconds since 1970."""

    audience: str
    jti: str
    expires_at: int
    tenant: str | None = None
    asset: str | None = None

    def require_tenant(self, tenant: str) -> None:
        """Raise ForbiddenError if the token belongs to another tenant."""
        if self.tenant != tenant:
            raise ForbiddenError("other-tenant", "The token belongs to another tenant.")

    def require_asset(self, tenant: str, asset: str) -> None:
        """Raise ForbiddenError if the token belongs to another tenant or asset.

        A token without an asset is valid for all of its tenant's.
        """
        self.require_tenant(tenant)
        if self.asset is not None and self.asset != asset:
            raise ForbiddenError("other-asset", "The token belongs to another asset.")


class Tokens:
    """Signs and checks tokens. `playback_ttl_s` is the longest lifetime of a playback token, in seconds."""

    def __init__(self, keys: TokenKeys, playback_ttl_s: int, *, clock: Callable[[], float] = time.time) -> None:
        self.keys = keys
        self._longest = {"api": CALL_TTL_S, "admin": CALL_TTL_S, "playback": playback_ttl_s}
        self._clock = clock

    def issue(
        self, audience: str, tenant: str | None = None, asset: str | None = None, ttl_s: int | None = None
    ) -> tuple[str, Token]:
        """Sign a new token and return its text and claims.

        It lives as long as the audience allows, or `ttl_s` if that is shorter.
        """
        kid, key = self.keys.signing()
        now = int(self._clock())
        lasting = min(ttl_s or self._longest[audience], self._longest[audience])
        token = Token(audience, uuid.uuid4().hex, now + lasting, tenant, asset)
        claims: dict[str, Any] = {"aud": audience, "jti": token.jti, "iat": now, "exp": token.expires_at}
        if tenant is not None:
            claims["tenant"] = tenant
        if asset is not None:
            claims["asset"] = asset
        return jwt.encode(claims, key, algorithm=ALGORITHM, headers={"kid": kid}), token

    def check(self, text: str | None, audience: str) -> Token:
        """Check a token and return its claims. Raise UnauthorizedError, or ForbiddenError for another audience."""
        if not text:
            raise UnauthorizedError("token-missing", "A token is required.")
        claims = self._claims(text)
        if claims["aud"] != audience:
            raise ForbiddenError("token-audience", f"The token is not for {audience}.")
        lasting = claims["exp"] - claims["iat"]
        if not 0 < lasting <= self._longest[audience]:
            raise UnauthorizedError("token-invalid", "The token isn't valid: its lifetime is too long.")
        return _token(claims, audience)

    def _claims(self, text: str) -> dict[str, Any]:
        try:
            if len(text) > _LONGEST or not text.isascii():
                raise jwt.DecodeError
            kid = jwt.get_unverified_header(text).get("kid")
            if not isinstance(kid, str):
                raise jwt.DecodeError
            # The caller compares the audience, to distinguish another audience's token from a forged one.
            options = {"require": _REQUIRED, "verify_aud": False, "verify_exp": False, "verify_iat": False}
            claims = jwt.decode(text, self.keys.key(kid), algorithms=[ALGORITHM], options=options)
            return self._timely(claims)
        except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
            # Without the cause, which may quote the token.
            raise UnauthorizedError("token-invalid", "The token isn't valid.") from None

    def _timely(self, claims: dict[str, Any]) -> dict[str, Any]:
        now = self._clock()
        if not all(type(claims[name]) is int for name in ("exp", "iat")) or claims["iat"] > now + LEEWAY_S:
            raise jwt.DecodeError
        if claims["exp"] <= now - LEEWAY_S:
            raise UnauthorizedError("token-expired", "The token has expired.")
        return claims


def _token(claims: Mapping[str, Any], audience: str) -> Token:
    tenant, asset, jti = claims.get("tenant"), claims.get("asset"), claims["jti"]
    try:
        for kind, value in (("tenant", tenant), ("asset", asset)):
            if value is not None:
                check_id(kind, value)
    except BadInputError:
        jti = None
    bound = tenant is not None or audience == "admin"
    if audience == "playback" and asset is None:
        bound = False
    if not bound or not isinstance(jti, str) or not _JTI.fullmatch(jti):
        raise UnauthorizedError(
            "token-invalid", "The token isn't valid: it must name its tenant, and for playback its asset."
        )
    return Token(audience, jti, claims["exp"], tenant, asset)
