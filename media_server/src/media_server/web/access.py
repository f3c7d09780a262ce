# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Check the token of a request."""

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

    def check_api_token(self, request: Request, tenant: str, asset: str) -> Token:
        """Check the api token, in the header, of a tenant's application for one asset."""
        token = self._checked(request, "api", header_only=True)
        token.require_asset(check_id("tenant", tenant), check_id("asset", asset))
        return token

    def check_vendor_token(self, request: Request) -> Token:
        """Check the api token of a DRM vendor, whose request names the asset in its body only."""
        return self._checked(request, "api", header_only=True)

    def check_viewer_token(
        self, request: Request, tenant: str | None = None, asset: str | None = None
    ) -> tuple[Token, str, str, str]:
        """Check a viewer's playback token, in the URL or the header. Return it with its text, tenant and asset."""
        token = self._checked(request, "playback")
        if tenant is not None and asset is not None:
            token.require_asset(check_id("tenant", tenant), check_id("asset", asset))
        return token, _text_of(request), str(token.tenant), str(token.asset)

    def check_admin_token(self, request: Request) -> Token:
        """Check the admin token of a request about rotations."""
        return self._checked(request, "admin", header_only=True)

    def authorize_write(self, token: Token) -> None:
        """Allow a change: require that this region is active and the token was not used before."""
        self._active.require()
        self._used.use(token)

    def authorize_rotation_change(self, token: Token) -> None:
        """Allow a change of a rotation. The rotation itself decides what each region may do: each finalizes its own bucket."""
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
        raise UnauthorizedError("token-invalid", "Exactly one token is allowed.")
    return given[0] if given else ""
