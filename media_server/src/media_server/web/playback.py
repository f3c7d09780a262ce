# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Routes for playback: manifests and playlists rewritten for one viewer, and segments from S3.

A session stays with its version.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from media_server.errors import NotFoundError
from media_server.licence.pointers import Pointers
from media_server.services import Services
from media_server.store import layout
from media_server.store.assets import Pointer
from media_server.store.media_types import content_type, is_manifest
from media_server.store.names import check_file
from media_server.web.access import Access
from media_server.web.manifests import Viewer, rewrite_mpd, rewrite_playlist
from media_server.web.streams import object_response

# Versions are immutable, but shared caches must not serve them without a token.
_SEGMENTS_CACHED = "private, max-age=3600, immutable"
_ENTRIES = ("manifest.mpd", "master.m3u8")


class Playback:
    """The operation behind the route."""

    def __init__(self, services: Services, access: Access, pointers: Pointers) -> None:
        self._objects = services.objects
        self._access = access
        self._pointers = pointers
        self._public_url = services.settings.public_url.rstrip("/")
        self._cdn = services.settings.cookie_domain

    def get(self, request: Request, tenant: str, asset: str, name: str) -> Response:
        """Return a file of an asset to the holder of its token."""
        _token, text, tenant, asset = self._access.check_viewer_token(request, tenant, asset)
        check_file(name)
        found = self._pointers.find(tenant, asset, lambda pointer: _located(pointer, name))
        if found is None:
            raise NotFoundError("no-file", "The asset has no such file.")
        version, file, kid = found
        key = layout.media_file(tenant, asset, version, file)
        if not is_manifest(file):
            return object_response(
                self._objects, key, content_type(file), request.headers.get("range"), _SEGMENTS_CACHED
            )
        content = self._objects.get(key)[0]
        viewer = self._viewer(tenant, asset, version, file, kid, text)
        if file.endswith(".mpd"):
            written = rewrite_mpd(content, viewer)
        else:
            written = rewrite_playlist(content.decode("utf-8", "replace"), viewer).encode()
        return Response(written, media_type=content_type(file), headers={"Cache-Control": "no-store"})

    def _viewer(self, tenant: str, asset: str, version: int, file: str, kid: bytes, token: str) -> Viewer:
        # A playlist's URLs are relative to its folder.
        folder = file.rpartition("/")[0]
        within = f"v{version}/{folder}".rstrip("/")
        playlists = f"{self._public_url}/v1/play/{tenant}/{asset}/{within}"
        return Viewer(
            playlists=playlists,
            segments=f"https://{self._cdn}/{layout.asset_prefix(tenant, asset)}{within}" if self._cdn else playlists,
            licence=f"{self._public_url}/v1/licence/clearkey",
            key=f"{self._public_url}/v1/keys/{kid.hex()}",
            token=token,
            token_on_segments=not self._cdn,
        )


def _located(pointer: Pointer, name: str) -> tuple[int, str, bytes] | None:
    """Return version, file and key ID for a name: manifests are of the current version, every other name contains its version."""
    folder, _slash, file = name.partition("/")
    number = pointer.current if name in _ENTRIES else layout.version_number(folder)
    file = name if name in _ENTRIES else file
    version = pointer.versions.get(number) if number is not None else None
    if number is None or version is None or file not in version.files:
        return None
    return number, file, version.kid


def router(services: Services, access: Access, pointers: Pointers) -> APIRouter:
    """Return the routes below /v1/play."""
    routes, playback = APIRouter(prefix="/v1/play", tags=["playback"]), Playback(services, access, pointers)

    @routes.get(
        "/{tenant}/{asset}/{name:path}", summary="Return a manifest, a playlist or a segment", response_class=Response
    )
    def get(request: Request, tenant: str, asset: str, name: str) -> Response:
        return playback.get(request, tenant, asset, name)

    return routes
