# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Routes for liveness (shallow), readiness (deep), and Prometheus metrics."""

from __future__ import annotations

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from media_server.errors import NotFoundError
from media_server.readiness import Readiness
from media_server.web.metrics import ServerMetrics

_NO_STORE = {"Cache-Control": "no-store"}


def router(readiness: Readiness, metrics: ServerMetrics) -> APIRouter:
    """Return the routes for operators."""
    routes = APIRouter(tags=["health"])

    @routes.get(
        "/healthz",
        summary="Return ok; dependencies are not checked",
        response_class=PlainTextResponse,
    )
    async def healthz() -> Response:
        return PlainTextResponse("ok\n", headers=_NO_STORE)

    @routes.get("/readyz", summary="Check all dependencies; 503 if one fails")
    def readyz() -> Response:
        answer = readiness.check()
        return JSONResponse(answer.to_json(), 200 if answer.ready else 503, _NO_STORE)

    @routes.get(
        "/metrics", summary="Return metrics for Prometheus, inside the network only", response_class=PlainTextResponse
    )
    def figures(request: Request) -> Response:
        # The load balancer sets this header: the client is outside the network.
        if "x-forwarded-for" in request.headers:
            raise NotFoundError("not-found", "Not found.")
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST, headers=_NO_STORE)

    return routes
