# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Who asks: the token of a request, checked, and said to the log."""

from __future__ import annotations

from starlette.requests import Request

from media_server.auth.tokens import Token
from media_server.errors import UnauthorizedError
from media_server.services import Services
from media_server.store.names import check_id


class Access:
    """Checks the tokens of requests."""

    def __init__(self, services: Services) -> None:
        self._tokens = services.tokens
        self._used = services.used_tokens
        self._active = services.active_region

    def of_asset(self, request: Request, tenant: str, asset: str) -> Token:
        """A tenant's own program, for one of its assets: an api token in the header."""
        token = self._checked(request, "api", header_only=True)
        token.require_asset(check_id("tenant", tenant), check_id("asset", asset))
        return token

    def of_vendor(self, request: Request) -> Token:
        """A program that tells only in its body which asset it is about."""
        return self._checked(request, "api", header_only=True)

    def of_viewer(
        self, request: Request, tenant: str | None = None, asset: str | None = None
    ) -> tuple[Token, str, str, str]:
        """A viewer: a playback token, in the address or the header; with its text, its tenant and its asset."""
        token = self._checked(request, "playback")
        if tenant is not None and asset is not None:
            token.require_asset(check_id("tenant", tenant), check_id("asset", asset))
        return token, _text_of(request), str(token.tenant), str(token.asset)

    def of_administrator(self, request: Request) -> Token:
        """Who rotates keys."""
        return self._checked(request, "admin", header_only=True)

    def to_write(self, token: Token) -> None:
        """Before anything is changed: this is the active region, and the token wasn't used before."""
        self._active.require()
        self._used.use(token)

    def to_change_rotation(self, token: Token) -> None:
        """Before a rotation is changed. Which region may do what the rotation knows: each finalizes its own copies."""
        self._used.use(token)

    def _checked(self, request: Request, audience: str, *, header_only: bool = False) -> Token:
        text = _text_of(request, header_only=header_only)
        token = self._tokens.check(text, audience)
        request.state.tenant, request.state.asset = token.tenant, token.asset
        return token


def _text_of(request: Request, *, header_only: bool = False) -> str:
    kind, _space, text = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and text:
        return text.strip()
    given = [] if header_only else request.query_params.getlist("token")
    if len(given) > 1:
        raise UnauthorizedError("token-invalid", "One token is needed, not several.")
    return given[0] if given else ""
