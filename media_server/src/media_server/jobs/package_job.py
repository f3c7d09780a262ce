# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Package an upload: download it, encode and encrypt it, write a version, and point to it.

Several workers may package the same asset at the same time: each writes its own version, and exactly one writes the pointer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media_server import packaging
from media_server.errors import BadInputError, ConflictError, MediaError, NotFoundError
from media_server.jobs.folders import job_folder
from media_server.jobs.states import FAILED, PACKAGING, QUEUED, READY, AssetState, AssetStates, Failure
from media_server.keys.content import ContentKeys
from media_server.keys.tenants import TenantKeys, now
from media_server.packaging.ladder import check_ladder
from media_server.store import layout
from media_server.store.assets import SCHEMES, AssetStore, KeyDocument, MediaVersion, Pointer
from media_server.store.media_types import content_type
from media_server.store.names import check_id
from media_server.store.objects import ObjectStore
from media_server.store.replication import Replication

# Part of the job ID: change it when sources are encoded differently.
PROFILE = "cmaf-1"
# The failure code of an asset that a retry may still package: its message is in the dead-letter queue, its source is kept.
GAVE_UP = "gave-up"
_CHUNK_BYTES = 8 * 1024 * 1024


def job_id(upload: str, etag: str, size: int, scheme: str, ladder: tuple[int, ...] | None) -> str:
    """Return the ID of a job: the same source and profile give the same ID."""
    identity = json.dumps([upload, etag, size, scheme, ladder, PROFILE])
    return hashlib.sha256(identity.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class PackageRequest:
    """The content of a packaging message. Without a ladder the default one is used."""

    tenant: str
    asset: str
    scheme: str
    upload: str
    ladder: tuple[int, ...] | None = None

    @classmethod
    def from_message(cls, body: dict[str, Any]) -> PackageRequest:
        """Parse a message. Raise BadInputError if this server didn't write it."""
        tenant, asset = check_id("tenant", body.get("tenant")), check_id("asset", body.get("asset"))
        upload = layout.upload(tenant, asset)
        scheme = body.get("scheme")
        if scheme not in SCHEMES or body.get("upload") != upload:
            raise BadInputError("bad-job", "The job's scheme or upload isn't valid.")
        ladder = body.get("ladder")
        return cls(tenant, asset, scheme, upload, None if ladder is None else check_ladder(ladder))

    def to_message(self) -> dict[str, Any]:
        """Return the message for the queue."""
        return {
            "kind": "package",
            "tenant": self.tenant,
            "asset": self.asset,
            "upload": self.upload,
            "scheme": self.scheme,
            "ladder": self.ladder,
        }


class _RefusedSourceError(Exception):
    """The source can't be packaged, and a retry would not help."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure


class PackageJobs:
    """Packages uploads in folders of `work_dir`. `on_progress` is called often, and may raise an error to end the job."""

    def __init__(
        self,
        assets: AssetStore,
        states: AssetStates,
        tenants: TenantKeys,
        replication: Replication,
        work_dir: Path,
        package: Callable[..., list[str]] = packaging.package,
    ) -> None:
        self._assets = assets
        self._objects: ObjectStore = assets.objects
        self._states = states
        self._tenants = tenants
        self._keys = ContentKeys(tenants)
        self._replication = replication
        self._work_dir = work_dir
        self._package = package

    def run(self, request: PackageRequest, on_progress: Callable[[float], None]) -> str:
        """Package the upload. Return `ready`, `failed`, or `stale` if the asset was removed.

        A source that can never be packaged makes the asset `failed`. Any other error is raised: a retry may succeed.
        """
        if self._is_ready(request):
            return self._finish(request)
        try:
            state = self._begin(request)
        except NotFoundError:
            return "stale"
        if state.state != PACKAGING:
            return state.state
        try:
            with job_folder(self._work_dir) as folder:
                self._make(request, folder, on_progress)
        except _RefusedSourceError as refused:
            self.fail(request, refused.failure)
            # The source of a failed asset is not kept.
            self._objects.delete_versions(request.upload)
            return FAILED
        return self._finish(request)

    def fail(self, request: PackageRequest, failure: Failure) -> None:
        """Mark the asset as failed, unless another worker has packaged it or a new upload has started."""
        if self._is_ready(request):
            return
        state, etag = self._states.get(request.tenant, request.asset)
        if state.state in (QUEUED, PACKAGING):
            self._states.change(state, etag, state=FAILED, failure=failure)

    def _is_ready(self, request: PackageRequest) -> bool:
        try:
            self._assets.pointer(request.tenant, request.asset)
        except NotFoundError:
            return False
        return True

    def _begin(self, request: PackageRequest) -> AssetState:
        for _try in range(5):
            state, etag = self._states.get(request.tenant, request.asset)
            again = state.failure is not None and state.failure.code == GAVE_UP
            if state.state not in (QUEUED, PACKAGING) and not again:
                return state
            changed = {"state": PACKAGING, "attempts": state.attempts + 1, "failure": None}
            try:
                return self._states.change(state, etag, **changed)
            except ConflictError:
                continue
        raise ConflictError("changed-meanwhile", f"Asset {request.asset} is being changed concurrently.")

    def _finish(self, request: PackageRequest) -> str:
        try:
            state, etag = self._states.get(request.tenant, request.asset)
            if state.state != READY:
                self._states.change(state, etag, state=READY, failure=None)
        except (ConflictError, NotFoundError):
            # Another worker has done it, or the asset has no state document; the pointer alone decides.
            pass
        # All versions, because the source isn't encrypted.
        self._objects.delete_versions(request.upload)
        return READY

    def _make(self, request: PackageRequest, folder: Path, on_progress: Callable[[float], None]) -> None:
        source, out = folder / "source", folder / "out"
        self._download(request, source, on_progress)
        self._tenants.ensure(request.tenant)
        document = self._keys.create(request.tenant, request.scheme)
        key = self._keys.open(request.tenant, document)
        try:
            files = self._package(
                source,
                out,
                scheme=request.scheme,
                kid=document.kid,
                key=key,
                iv=document.iv,
                ladder=request.ladder,
                on_progress=on_progress,
            )
        except MediaError as error:
            if error.status not in (400, 422):
                raise
            raise _RefusedSourceError(Failure(error.code, error.message)) from error
        # Free the disk, and keep unencrypted video no longer than needed.
        source.unlink()
        media = MediaVersion(
            files=tuple(sorted(files)),
            bytes=sum((out / name).stat().st_size for name in files),
            scheme=document.scheme,
            kid=document.kid,
        )
        version = self._claim(request, document)
        try:
            self._write(request, version, out, files, on_progress)
            self._commit(request, version, media, on_progress)
        except BaseException:
            self._discard(request, version)
            raise

    def _download(self, request: PackageRequest, target: Path, on_progress: Callable[[float], None]) -> None:
        with target.open("wb") as written:
            body = self._objects.open(request.upload)["Body"]
            for chunk in body.iter_chunks(_CHUNK_BYTES):
                written.write(chunk)
                on_progress(0.0)

    def _claim(self, request: PackageRequest, document: KeyDocument) -> int:
        """Create the key document of a free version number, and return the number."""
        number = max(self._assets.versions(request.tenant, request.asset), default=0) + 1
        while not self._assets.create_key(request.tenant, request.asset, number, document):
            number += 1
        return number

    def _write(
        self, request: PackageRequest, version: int, out: Path, files: list[str], on_progress: Callable[[float], None]
    ) -> None:
        for done, name in enumerate(files):
            on_progress(done / len(files))
            key = layout.media_file(request.tenant, request.asset, version, name)
            with (out / name).open("rb") as reader:
                if not self._objects.upload(key, reader, content_type(name)):
                    raise ConflictError("version-taken", f"Object {key} already exists.")

    def _commit(
        self, request: PackageRequest, version: int, media: MediaVersion, on_progress: Callable[[float], None]
    ) -> None:
        prefix = layout.version_prefix(request.tenant, request.asset, version)
        names = [layout.media_file(request.tenant, request.asset, version, name) for name in media.files]
        needed = [*names, prefix + layout.KEY, layout.tenant_key(request.tenant)]
        self._replication.wait(needed, lambda: on_progress(1.0))
        pointer = Pointer(
            tenant=request.tenant, asset=request.asset, current=version, versions={version: media}, flipped_at=now()
        )
        if not self._assets.create_pointer(pointer):
            self._discard(request, version)

    def _discard(self, request: PackageRequest, version: int) -> None:
        """Delete a version that isn't referenced: another worker was first, or this attempt failed."""
        # The pointer decides: its write may have succeeded although the response was lost.
        if self._is_ready(request) and version in self._assets.pointer(request.tenant, request.asset)[0].versions:
            return
        self._objects.delete_folder(layout.version_prefix(request.tenant, request.asset, version))
