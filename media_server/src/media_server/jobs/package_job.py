# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Package an upload: keep it as an encrypted source, encode and encrypt that, write a version, and point to it.

Several workers may package the same asset at the same time: each writes its own version, and exactly one writes the pointer.
"""

from __future__ import annotations

import datetime
import socket
from collections.abc import Callable
from pathlib import Path

from media_server import packaging
from media_server.errors import ConflictError, DoubtfulError, MediaError, NotFoundError, UnavailableError
from media_server.jobs.folders import job_folder
from media_server.jobs.package_request import PackageRequest
from media_server.jobs.states import FAILED, PACKAGING, QUEUED, READY, AssetState, AssetStates, Failure, Refusal
from media_server.keys.content import ContentKeys
from media_server.keys.tenants import TenantKeys, now
from media_server.sources.kept import KeptSources
from media_server.store import layout
from media_server.store.assets import AssetStore, KeyDocument, MediaVersion, Pointer
from media_server.store.media_types import content_type
from media_server.store.objects import ObjectStore, Version
from media_server.store.replication import Replication

# The failure code of an asset that a retry may still package: its message is in the dead-letter queue, its source is kept.
GAVE_UP = "gave-up"
# The code of the error that returns a job to the queue for another host.
ELSEWHERE = "try-elsewhere"
# How long a source that was refused by this host waits for another one, in seconds.
ELSEWHERE_S = 60
_WAIT_S = 10
_TRIES = 5


class _RefusedSourceError(Exception):
    """The source can't be packaged. If `doubtful`, another host may be able to."""

    def __init__(self, failure: Failure, *, doubtful: bool) -> None:
        super().__init__(failure.code)
        self.failure = failure
        self.doubtful = doubtful


class PackageJobs:
    """Packages uploads in folders of `work_dir`. `on_progress` is called often, and may raise an error to end the job.

    `host` is this host's name. A source that its tools refuse is left to another host for `elsewhere_s` seconds.
    """

    def __init__(
        self,
        assets: AssetStore,
        states: AssetStates,
        tenants: TenantKeys,
        replication: Replication,
        work_dir: Path,
        package: Callable[..., list[str]] = packaging.package,
        *,
        host: str = "",
        elsewhere_s: int = ELSEWHERE_S,
    ) -> None:
        self._assets = assets
        self._objects: ObjectStore = assets.objects
        self._states = states
        self._tenants = tenants
        self._keys = ContentKeys(tenants)
        self._sources = KeptSources(assets, tenants)
        self._replication = replication
        self._work_dir = work_dir
        self._package = package
        self._host = host or socket.gethostname()
        self._elsewhere_s = elsewhere_s

    def run(self, request: PackageRequest, on_progress: Callable[[float], None]) -> str:
        """Package the upload. Return `ready`, `failed`, or `stale` if the asset was removed.

        A source that can't be packaged makes the asset `failed`; one that the tools refuse, only after a second attempt. Any
        other error is raised: a retry may succeed. The source is kept in any case.
        """
        if self._is_ready(request):
            return self._finish(request, on_progress)
        try:
            state = self._begin(request)
        except NotFoundError:
            return "stale"
        if state.state != PACKAGING:
            return state.state
        # Listed before the asset fails: a newer upload may begin then.
        uploads = self._sources.uploads(request.tenant, request.asset)
        source = self._keep(request, uploads, on_progress)
        try:
            with job_folder(self._work_dir) as folder:
                self._make(request, source, folder, on_progress)
        except _RefusedSourceError as refused:
            if refused.doubtful and self._is_first_refusal(request, refused.failure):
                raise self._elsewhere() from refused
            self.fail(request, refused.failure)
            self._sources.discard_uploads(request.tenant, request.asset, uploads)
            return FAILED
        return self._finish(request, on_progress)

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
        for _try in range(_TRIES):
            state, etag = self._states.get(request.tenant, request.asset)
            again = state.failure is not None and state.failure.code == GAVE_UP
            if state.state not in (QUEUED, PACKAGING) and not again:
                return state
            if state.refusal and state.refusal.worker == self._host and _age_s(state.refusal.at) < self._elsewhere_s:
                raise self._elsewhere()
            changed = {"state": PACKAGING, "attempts": state.attempts + 1, "failure": None}
            try:
                return self._states.change(state, etag, **changed)
            except ConflictError:
                continue
        raise ConflictError("changed-meanwhile", f"Asset {request.asset} is being changed concurrently.")

    def _keep(self, request: PackageRequest, uploads: list[Version], on_progress: Callable[[float], None]) -> str:
        """Keep the upload, and note it in the asset's state. Return the source: without an upload, the one that is kept."""
        kept = self._sources.keep(request.tenant, request.asset, uploads, lambda: on_progress(0.0))
        for _try in range(_TRIES):
            state, etag = self._states.get(request.tenant, request.asset)
            source = kept or state.source
            if source is None:
                raise UnavailableError("no-source", f"Asset {request.asset} has neither an upload nor a kept source.")
            if source == state.source:
                return source
            try:
                self._states.change(state, etag, source=source)
            except ConflictError:
                continue
        raise ConflictError("changed-meanwhile", f"Asset {request.asset} is being changed concurrently.")

    def _is_first_refusal(self, request: PackageRequest, failure: Failure) -> bool:
        """Record the first refusal, and return whether it is the first."""
        state, etag = self._states.get(request.tenant, request.asset)
        if state.refusal is not None:
            return False
        if state.state == PACKAGING:
            self._states.change(state, etag, refusal=Refusal(failure.code, self._host, now()))
        return True

    def _elsewhere(self) -> UnavailableError:
        message = f"The tools of {self._host} refused the source: another host tries it once."
        return UnavailableError(ELSEWHERE, message, retry_after_s=min(_WAIT_S, self._elsewhere_s))

    def _finish(self, request: PackageRequest, on_progress: Callable[[float], None]) -> str:
        uploads = self._sources.uploads(request.tenant, request.asset)
        kept = self._sources.keep(request.tenant, request.asset, uploads, lambda: on_progress(1.0))
        try:
            state, etag = self._states.get(request.tenant, request.asset)
            source = kept or state.source
            if (state.state, state.source) != (READY, source):
                self._states.change(state, etag, state=READY, failure=None, refusal=None, source=source)
        except (ConflictError, NotFoundError):
            # Another worker has done it, or the asset has no state document; the pointer alone decides.
            pass
        # It isn't encrypted, and the source is.
        self._sources.discard_uploads(request.tenant, request.asset, uploads)
        return READY

    def _make(self, request: PackageRequest, kept: str, folder: Path, on_progress: Callable[[float], None]) -> None:
        source, out = folder / "source", folder / "out"
        # Not the upload: what is packaged shows that the kept source can be read.
        self._sources.read(request.tenant, request.asset, kept, source, lambda: on_progress(0.0))
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
            failure = Failure(error.code, error.message)
            raise _RefusedSourceError(failure, doubtful=isinstance(error, DoubtfulError)) from error
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


def _age_s(at: str) -> float:
    return (datetime.datetime.now(datetime.UTC) - datetime.datetime.fromisoformat(at)).total_seconds()
