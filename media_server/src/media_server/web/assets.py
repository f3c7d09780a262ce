# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Routes for assets: uploads, their state, and playback tokens."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from media_server.errors import BadInputError, ConflictError, NotFoundError
from media_server.jobs.package_request import PackageRequest, job_id
from media_server.jobs.states import FAILED, PACKAGING, QUEUED, READY, UPLOADING, AssetState
from media_server.jobs.uploads import SIGNED_FOR_S, part_bytes
from media_server.keys.tenants import now
from media_server.licence.pointers import Pointers
from media_server.packaging.ladder import check_ladder
from media_server.services import Services
from media_server.store import layout
from media_server.store.assets import Pointer
from media_server.store.names import check_id
from media_server.web.access import Access

MANIFESTS = {"dash": "manifest.mpd", "hls": "master.m3u8"}
LONGEST_TITLE = 200
MOST_RUNGS = 20


class NewAsset(BaseModel):
    """A new upload. Nothing in it is a URL: the server never fetches what a client names."""

    model_config = ConfigDict(extra="forbid", strict=True)

    tenant: str = Field(max_length=63)
    asset: str = Field(max_length=63)
    scheme: Literal["cbcs", "cenc", "aes-128"] = "cbcs"
    size: int = Field(gt=0, description="Size of the source, in bytes")
    title: str = Field(default="", max_length=LONGEST_TITLE)
    ladder: list[int] | None = Field(
        default=None,
        max_length=MOST_RUNGS,
        description="Heights of the encodings, such as [1080, 480]; the default ladder if omitted. None is larger than the source.",
    )


class PlaybackOptions(BaseModel):
    """Options of a playback token."""

    model_config = ConfigDict(extra="forbid", strict=True)

    ttl_s: int | None = Field(default=None, gt=0, description="Lifetime in seconds; at most the server's token_ttl_s")


class Assets:
    """The operations behind the routes."""

    def __init__(self, services: Services, access: Access, pointers: Pointers) -> None:
        self._settings = services.settings
        self._services = services
        self._access = access
        self._pointers = pointers
        self._states = services.states
        self._uploads = services.uploads

    def begin(self, request: Request, wanted: NewAsset) -> dict[str, Any]:
        """Create an upload, or a new one for an asset that never became ready."""
        tenant, asset = check_id("tenant", wanted.tenant), check_id("asset", wanted.asset)
        token = self._access.check_api_token(request, tenant, asset)
        request.state.asset = asset
        if wanted.size > self._settings.max_upload_bytes:
            raise BadInputError(
                "upload-too-large", f"The maximum size of a source is {self._settings.max_upload_bytes} bytes."
            )
        if not wanted.title.isprintable():
            raise BadInputError("bad-title", "The title contains unprintable characters.")
        ladder = None if wanted.ladder is None else check_ladder(wanted.ladder)
        self._access.authorize_write(token)
        before = self._before(tenant, asset)
        key, each = layout.upload(tenant, asset), part_bytes(wanted.size)
        upload_id = self._uploads.begin(key)
        state = AssetState(
            tenant=tenant,
            asset=asset,
            scheme=wanted.scheme,
            size=wanted.size,
            title=wanted.title,
            state=UPLOADING,
            upload_id=upload_id,
            part_bytes=each,
            created_at=now(),
            changed_at=now(),
            ladder=ladder,
        )
        try:
            self._store(state, before)
        except ConflictError:
            self._uploads.abort(key, upload_id)
            raise
        if before:
            self._uploads.abort(key, before[0].upload_id)
        parts = self._uploads.parts(key, upload_id, wanted.size, each)
        upload = {"part_bytes": each, "expires_in": SIGNED_FOR_S, "parts": [part.__dict__ for part in parts]}
        return state.public() | {"upload": upload}

    def _before(self, tenant: str, asset: str) -> tuple[AssetState, str] | None:
        """Return the state of an asset that may be uploaded again: it failed, was never sent, or its source was lost with a
        region.
        """
        try:
            state, etag = self._states.get(tenant, asset)
        except NotFoundError:
            state, etag = None, ""
        in_work = state is not None and state.state in (QUEUED, PACKAGING)
        source_here = in_work and self._uploads.source(layout.upload(tenant, asset)) is not None
        # Read the pointer last, because it is written before the source is removed.
        if source_here or (state and state.state == READY) or self._pointer(tenant, asset) is not None:
            raise ConflictError("asset-exists", f"Tenant {tenant} already has an asset {asset}.")
        return (state, etag) if state else None

    def _store(self, state: AssetState, before: tuple[AssetState, str] | None) -> None:
        if before:
            self._states.change(state, before[1])
        elif not self._states.create(state):
            raise ConflictError("asset-exists", f"Tenant {state.tenant} already has an asset {state.asset}.")

    def complete(self, request: Request, tenant: str, asset: str) -> dict[str, Any]:
        """Complete an upload whose parts are all sent, and queue its packaging."""
        token = self._access.check_api_token(request, tenant, asset)
        self._access.authorize_write(token)
        state, etag = self._states.get(tenant, asset)
        if state.state not in (UPLOADING, QUEUED):
            raise ConflictError("not-uploading", f"Asset {asset} is {state.state}: there is no upload to complete.")
        key = layout.upload(tenant, asset)
        source = self._uploads.complete(key, state.upload_id, state.size, state.part_bytes)
        job = job_id(key, source, state.size, state.scheme, state.ladder)
        if state.state != QUEUED or state.job != job:
            state = self._states.change(state, etag, state=QUEUED, job=job)
        # A second call queues the job again; jobs are idempotent.
        self._services.queue.send(PackageRequest(tenant, asset, state.scheme, key, state.ladder).to_message())
        return state.public()

    def accept(self, request: Request, tenant: str, asset: str) -> dict[str, Any]:
        """Accept the result of an asset: its source is kept no longer."""
        token = self._access.check_api_token(request, tenant, asset)
        self._access.authorize_write(token)
        if self._pointer(tenant, asset) is None:
            raise ConflictError("not-ready", f"Asset {asset} isn't ready: there is nothing to accept.")
        state, etag = self._states.get(tenant, asset)
        if state.source is not None:
            state = self._states.change(state, etag, source=None)
        self._services.sources.remove_all(tenant, asset)
        return state.public()

    def package(self, request: Request, tenant: str, asset: str) -> dict[str, Any]:
        """Queue the packaging of a failed asset's kept source again."""
        token = self._access.check_api_token(request, tenant, asset)
        self._access.authorize_write(token)
        state, etag = self._states.get(tenant, asset)
        if state.state not in (FAILED, QUEUED):
            raise ConflictError("not-failed", f"Asset {asset} is {state.state}: only a failed one is packaged again.")
        key = layout.upload(tenant, asset)
        # An asset that was given up may have its upload still.
        if state.source is None and self._uploads.source(key) is None:
            raise ConflictError("no-source", f"The source of {asset} isn't kept any more. Fix: upload it again.")
        if state.state != QUEUED:
            state = self._states.change(state, etag, state=QUEUED, failure=None, refusal=None)
        self._services.queue.send(PackageRequest(tenant, asset, state.scheme, key, state.ladder).to_message())
        return state.public()

    def state(self, request: Request, tenant: str, asset: str) -> dict[str, Any]:
        """Return the state of an asset, and its playable version."""
        self._access.check_api_token(request, tenant, asset)
        pointer = self._pointer(tenant, asset)
        try:
            answer = self._states.get(tenant, asset)[0].public()
        except NotFoundError:
            if pointer is None:
                raise
            answer = {"tenant": tenant, "asset": asset}
        if pointer is None:
            return answer | {"playable": None}
        version = pointer.version
        playable = {
            "version": pointer.current,
            "bytes": version.bytes,
            "files": len(version.files),
            "scheme": version.scheme,
            "kid": version.kid.hex(),
        }
        return answer | {"state": READY, "playable": playable}

    def playback_token(self, request: Request, tenant: str, asset: str, options: PlaybackOptions) -> dict[str, Any]:
        """Return a token for one viewer of one asset, the URLs that accept it, and the CDN's cookies."""
        self._access.check_api_token(request, tenant, asset)
        pointer = self._pointers.get(tenant, asset)
        services = self._services
        text, token = services.tokens.issue("playback", tenant, asset, options.ttl_s)
        base = f"{self._settings.public_url.rstrip('/')}/v1/play/{tenant}/{asset}"
        answer: dict[str, Any] = {"token": text, "expires_at": token.expires_at, "cookies": None}
        answer["manifests"] = {
            kind: f"{base}/{name}?token={text}" for kind, name in MANIFESTS.items() if name in pointer.version.files
        }
        if services.cookies is not None:
            resource = f"https://{self._settings.cookie_domain}/{layout.asset_prefix(tenant, asset)}v*"
            answer["cookies"] = services.cookies.cookies(resource, token.expires_at)
        return answer

    def _pointer(self, tenant: str, asset: str) -> Pointer | None:
        try:
            return self._services.assets.pointer(tenant, asset)[0]
        except NotFoundError:
            return None


def router(services: Services, access: Access, pointers: Pointers) -> APIRouter:
    """Return the routes below /v1/assets."""
    routes, assets = APIRouter(prefix="/v1/assets", tags=["assets"]), Assets(services, access, pointers)

    @routes.post("", status_code=201, summary="Begin an upload and return presigned URLs for its parts")
    def begin(request: Request, response: Response, wanted: NewAsset) -> dict[str, Any]:
        response.headers["Cache-Control"] = "no-store"
        return assets.begin(request, wanted)

    @routes.post("/{tenant}/{asset}/complete", status_code=202, summary="Complete an upload and queue its packaging")
    def complete(request: Request, tenant: str, asset: str) -> dict[str, Any]:
        return assets.complete(request, tenant, asset)

    @routes.post("/{tenant}/{asset}/accept", summary="Accept the result: the source is kept no longer")
    def accept(request: Request, tenant: str, asset: str) -> dict[str, Any]:
        return assets.accept(request, tenant, asset)

    @routes.post(
        "/{tenant}/{asset}/package", status_code=202, summary="Package the kept source of a failed asset again"
    )
    def package(request: Request, tenant: str, asset: str) -> dict[str, Any]:
        return assets.package(request, tenant, asset)

    @routes.get("/{tenant}/{asset}", summary="Return the state of an asset")
    def state(request: Request, response: Response, tenant: str, asset: str) -> dict[str, Any]:
        response.headers["Cache-Control"] = "no-store"
        return assets.state(request, tenant, asset)

    @routes.post("/{tenant}/{asset}/playback-token", summary="Return a token, and the CDN's cookies, for one viewer")
    def playback_token(
        request: Request,
        response: Response,
        tenant: str,
        asset: str,
        options: Annotated[PlaybackOptions | None, Body()] = None,
    ) -> dict[str, Any]:
        response.headers["Cache-Control"] = "no-store"
        return assets.playback_token(request, tenant, asset, options or PlaybackOptions())

    return routes
