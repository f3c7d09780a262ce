# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Routes to plan, start, follow, verify, roll back and finalize rotations. They need an admin token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from media_server.errors import BadInputError
from media_server.rotation import Rotations
from media_server.services import Services
from media_server.store.names import check_rotation
from media_server.web.access import Access
from media_server.web.bodies import json_body

_NO_STORE = {"Cache-Control": "no-store"}
_PARAMS = "mode, scope, target_kms_key, rotation_id, concurrency, kms_requests_per_s, max_assets, retain_old_s, dry_run"


class RotationRoutes:
    """The operations behind the routes. All need an admin token; each that may change something needs a new one."""

    def __init__(self, services: Services, access: Access) -> None:
        self._access = access
        self._rotations = Rotations(services.rotation)

    async def plan(self, request: Request) -> Response:
        """Plan a rotation."""
        dry = json_body(await request.body()).get("dry_run") is True
        return await self._done(request, self._rotations.plan, writes=not dry)

    async def start(self, request: Request, rotation_id: str) -> Response:
        """Start a rotation, or continue it."""
        return await self._done(request, lambda given: self._rotations.start(_only(rotation_id, given)))

    async def verify(self, request: Request, rotation_id: str) -> Response:
        """Check a sample of the rotated assets, or all, with the new keys."""

        def call(given: dict[str, Any]) -> Any:
            level = given.pop("level", "sample")
            if not isinstance(level, str):
                raise BadInputError("bad-level", "level must be a string.")
            return self._rotations.verify(_only(rotation_id, given), level)

        return await self._done(request, call)

    async def roll_back(self, request: Request, rotation_id: str) -> Response:
        """Roll back a rotation."""
        return await self._done(request, lambda given: self._rotations.roll_back(_only(rotation_id, given)))

    async def finalize(self, request: Request, rotation_id: str) -> Response:
        """Delete the old versions and keys."""
        return await self._done(request, lambda given: self._rotations.finalize(_only(rotation_id, given)))

    def status(self, request: Request, rotation_id: str) -> Response:
        """Return the status of a rotation."""
        self._access.check_admin_token(request)
        return JSONResponse(self._rotations.status(check_rotation(rotation_id)), headers=_NO_STORE)

    async def _done(self, request: Request, call: Callable[[dict[str, Any]], Any], *, writes: bool = True) -> Response:
        body = await request.body()

        def answer() -> Any:
            token = self._access.check_admin_token(request)
            given = json_body(body)
            if writes:
                self._access.authorize_rotation_change(token)
            return call(given)

        return JSONResponse(await run_in_threadpool(answer), headers=_NO_STORE)


def router(services: Services, access: Access) -> APIRouter:
    """Return the routes below /v1/rotations."""
    routes, handlers = APIRouter(prefix="/v1/rotations", tags=["rotations"]), RotationRoutes(services, access)
    description = f"Supported in the body: {_PARAMS}. With dry_run nothing is written."
    routes.add_api_route("", handlers.plan, methods=["POST"], summary="Plan a rotation", description=description)
    routes.add_api_route(
        "/{rotation_id}/start", handlers.start, methods=["POST"], summary="Start or continue a rotation"
    )
    routes.add_api_route(
        "/{rotation_id}/verify", handlers.verify, methods=["POST"], summary="Verify the rotated assets"
    )
    routes.add_api_route(
        "/{rotation_id}/rollback", handlers.roll_back, methods=["POST"], summary="Roll back a rotation"
    )
    routes.add_api_route(
        "/{rotation_id}/finalize",
        handlers.finalize,
        methods=["POST"],
        summary="Delete the old versions and keys",
    )
    routes.add_api_route("/{rotation_id}", handlers.status, methods=["GET"], summary="Return the status of a rotation")
    return routes


def _only(rotation_id: str, given: dict[str, Any]) -> str:
    if given:
        raise BadInputError("invalid-request", "The body contains unsupported parameters.")
    return check_rotation(rotation_id)
