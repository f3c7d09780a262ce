# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Routes for keys: ClearKey licences, HLS keys, and SPEKE for a DRM vendor."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from media_server.errors import BadInputError
from media_server.licence import speke
from media_server.licence.asset_keys import AssetKeys
from media_server.licence.clearkey import licence
from media_server.licence.hls_key import hls_key
from media_server.licence.pointers import Pointers
from media_server.services import Services
from media_server.web.access import Access
from media_server.web.bodies import json_body
from media_server.web.metrics import ServerMetrics

_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def router(services: Services, access: Access, pointers: Pointers, metrics: ServerMetrics) -> APIRouter:
    """Return the routes that deliver keys."""
    routes = APIRouter(tags=["licences"])
    keys = AssetKeys(services.assets, services.content_keys, pointers)

    @routes.post("/v1/licence/clearkey", summary="Return a ClearKey licence (W3C EME)")
    async def clearkey(request: Request) -> Response:
        body = await request.body()

        def answer() -> dict[str, Any]:
            _token, _text, tenant, asset = access.check_viewer_token(request)
            return licence(keys, tenant, asset, json_body(body))

        found = await run_in_threadpool(answer)
        metrics.licensed("clearkey")
        return JSONResponse(found, headers=_NO_STORE)

    @routes.get("/v1/keys/{kid}", summary="Return the 16 bytes of an HLS key", response_class=Response)
    def key(request: Request, kid: str) -> Response:
        _token, _text, tenant, asset = access.check_viewer_token(request)
        found = hls_key(keys, tenant, asset, kid)
        metrics.licensed("hls")
        return Response(found, media_type="application/octet-stream", headers=_NO_STORE)

    @routes.post(
        "/v1/speke/v2/copyProtection", summary="Return keys in a CPIX document (SPEKE v2.0)", response_class=Response
    )
    async def copy_protection(request: Request) -> Response:
        body = await request.body()

        def answer() -> bytes:
            token = access.check_vendor_token(request)
            if not request.headers.get("content-type", "").startswith(("application/xml", "text/xml")):
                raise BadInputError("bad-cpix", "The content type of the body must be application/xml.")
            tenant, asset, document = speke.read_request(body, request.headers.get("x-speke-version"))
            token.require_asset(tenant, asset)
            request.state.asset = asset
            return speke.answer(keys, tenant, asset, document)

        found = await run_in_threadpool(answer)
        metrics.licensed("speke")
        speke_headers = {"X-Speke-Version": speke.SPEKE_VERSION, "X-Speke-User-Agent": speke.USER_AGENT}
        return Response(found, media_type="application/xml", headers=_NO_STORE | speke_headers)

    return routes
