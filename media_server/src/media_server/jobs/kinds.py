# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The kinds of jobs: packaging of uploads, and shards of rotations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from media_server.errors import BadInputError
from media_server.jobs.package_job import GAVE_UP, PackageJobs
from media_server.jobs.package_request import PackageRequest
from media_server.jobs.states import Failure
from media_server.jobs.worker import Job, Progress
from media_server.rotation import RotationServices, run_shard
from media_server.store.active import ActiveRegion
from media_server.store.names import check_rotation


class PackageJob(Job):
    """Packages an upload, in the active region only."""

    def __init__(self, jobs: PackageJobs, active: ActiveRegion) -> None:
        self._jobs = jobs
        self._active = active

    def run(self, body: dict[str, Any], progress: Progress) -> str:
        """Package the upload: see PackageJobs.run."""
        request = PackageRequest.from_message(body)
        self._active.require()
        return self._jobs.run(request, progress)

    def give_up(self, body: dict[str, Any]) -> None:
        """Mark the asset as failed. Its source is kept, so an operator can move the message back to the queue to retry."""
        self._active.require()
        message = (
            "Packaging failed repeatedly. Fix: find the cause in the worker's logs, then move the message back from the "
            "dead-letter queue."
        )
        self._jobs.fail(PackageRequest.from_message(body), Failure(GAVE_UP, message))


class RotateJob(Job):
    """Runs one shard of a rotation. The rotation itself decides what each region may do."""

    def __init__(self, services: RotationServices) -> None:
        self._services = services

    def run(self, body: dict[str, Any], progress: Progress) -> str:
        """Run the shard: see rotation.run_shard."""
        shard = body.get("shard")
        if not isinstance(shard, int) or isinstance(shard, bool) or shard < 0:
            raise BadInputError("bad-job", "The job must have a shard number.")
        run_shard(self._services, check_rotation(body.get("rotation")), shard, lambda: progress(0.0))
        return "done"

    def give_up(self, body: dict[str, Any]) -> None:
        """Do nothing: the rotation counts finished shards, and queues the others again."""


def all_kinds(package: PackageJobs, rotation: RotationServices) -> Mapping[str, Job]:
    """Return the job for each kind of message."""
    return {"package": PackageJob(package, rotation.active), "rotate": RotateJob(rotation)}
