# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The application: all routes and their middleware."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from prometheus_client import CollectorRegistry
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response

from media_server.errors import MediaError
from media_server.licence.pointers import Pointers
from media_server.readiness import Readiness
from media_server.services import Services
from media_server.web import assets, health, licences, playback, player, rotations
from media_server.web.access import Access
from media_server.web.metrics import QueueCollector, ServerMetrics
from media_server.web.requests import DEPENDENCY_ERRORS, Requests, error_response, response_to

_CODES = {404: "not-found", 405: "method-not-allowed"}


def create_app(services: Services) -> FastAPI:
    """Create the ASGI application and everything it needs, before the first request."""
    app = FastAPI(
        title="Media server",
        version="1",
        description="Packages uploads as encrypted video, and returns its keys to holders of a token.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        # A redirect would repeat the URL with its token, for whatever host the request named.
        redirect_slashes=False,
        # Traces would contain whole URLs, which contain tokens.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    metrics = ServerMetrics(CollectorRegistry())
    metrics.registry.register(QueueCollector(services.queue.depth))
    access, pointers = Access(services), Pointers(services.assets)
    app.include_router(assets.router(services, access, pointers))
    app.include_router(playback.router(services, access, pointers))
    app.include_router(licences.router(services, access, pointers, metrics))
    app.include_router(rotations.router(services, access))
    app.include_router(health.router(Readiness(services), metrics))
    if services.settings.player:
        app.include_router(player.router(services.settings))
    app.add_exception_handler(MediaError, _known_error)
    for kind in DEPENDENCY_ERRORS:
        app.add_exception_handler(kind, _known_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=[services.settings.origin],
        allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type", "Range"],
        expose_headers=["Content-Length", "Content-Range", "X-Request-Id"],
        max_age=600,
    )
    app.add_middleware(Requests, metrics=metrics)
    return app


def _record_code(request: Request, code: str) -> str:
    """Add the error code to the request's log line, and return the request's ID."""
    about = request.scope["state"]["request"]
    about.code = code
    return about.identity


async def _known_error(request: Request, error: Any) -> Response:
    about = request.scope["state"]["request"]
    answer, about.code = response_to(error, about.identity)
    about.log_error(error, about.code)
    return answer


async def _invalid(request: Request, error: Any) -> Response:
    # The input isn't quoted: it may contain secrets.
    fields = sorted({".".join(str(part) for part in item["loc"])[:80] for item in error.errors()})
    message = f"The request isn't valid: {', '.join(fields)[:400]}."
    return error_response(400, "invalid-request", message, _record_code(request, "invalid-request"))


async def _http_error(request: Request, error: Any) -> Response:
    code = _CODES.get(error.status_code, "refused")
    return error_response(error.status_code, code, "Not found.", _record_code(request, code))
