# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Rotations of keys: planned, started, followed, verified, rolled back and finalized by administrators."""

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


def router(services: Services, access: Access) -> APIRouter:
    """The routes below /v1/rotations. All of them take an admin token, and those that change something a new one each."""
    routes, rotations = APIRouter(prefix="/v1/rotations", tags=["rotations"]), Rotations(services.rotation)

    async def done(request: Request, call: Callable[[dict[str, Any]], Any], *, writes: bool = True) -> Response:
        body = await request.body()

        def answer() -> Any:
            token = access.of_administrator(request)
            given = json_body(body)
            if writes:
                access.to_change_rotation(token)
            return call(given)

        return JSONResponse(await run_in_threadpool(answer), headers=_NO_STORE)

    @routes.post(
        "", summary="Plan a rotation", description=f"The body may have: {_PARAMS}. With dry_run nothing is written."
    )
    async def plan(request: Request) -> Response:
        dry = json_body(await request.body()).get("dry_run") is True
        return await done(request, rotations.plan, writes=not dry)

    @routes.post("/{rotation_id}/start", summary="Rotate, or go on with it")
    async def start(request: Request, rotation_id: str) -> Response:
        return await done(request, lambda given: rotations.start(_only(rotation_id, given)))

    @routes.post(
        "/{rotation_id}/verify", summary="Open what was rotated with the new keys", description="`level`: sample or all"
    )
    async def verify(request: Request, rotation_id: str) -> Response:
        def call(given: dict[str, Any]) -> Any:
            level = given.pop("level", "sample")
            if not isinstance(level, str):
                raise BadInputError("bad-level", "level has to be a text.")
            return rotations.verify(_only(rotation_id, given), level)

        return await done(request, call)

    @routes.post("/{rotation_id}/rollback", summary="Let what was before count again")
    async def roll_back(request: Request, rotation_id: str) -> Response:
        return await done(request, lambda given: rotations.roll_back(_only(rotation_id, given)))

    @routes.post("/{rotation_id}/finalize", summary="Remove what the old keys open, in this region")
    async def finalize(request: Request, rotation_id: str) -> Response:
        return await done(request, lambda given: rotations.finalize(_only(rotation_id, given)))

    @routes.get("/{rotation_id}", summary="Where a rotation is")
    def status(request: Request, rotation_id: str) -> Response:
        access.of_administrator(request)
        return JSONResponse(rotations.status(check_rotation(rotation_id)), headers=_NO_STORE)

    return routes


def _only(rotation_id: str, given: dict[str, Any]) -> str:
    if given:
        raise BadInputError("invalid-request", "The body holds something that isn't known here.")
    return check_rotation(rotation_id)
