# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The operations on rotations that the HTTP API offers."""

from __future__ import annotations

import datetime
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from media_server.errors import BadInputError, ConflictError, NotFoundError
from media_server.keys.tenants import now
from media_server.rotation import phases, run
from media_server.rotation.model import Outcome, Plan, State
from media_server.rotation.params import Params
from media_server.rotation.phases import FINALIZE, ROLL_BACK, ROTATE, VERIFY, Task
from media_server.rotation.plan import make_plan, measured_rates
from media_server.rotation.records import RotationRecords
from media_server.rotation.services import RotationServices
from media_server.rotation.standby_finalize import StandbyFinalizer
from media_server.rotation.survey import Surveys
from media_server.rotation.work import Work
from media_server.store.names import check_rotation

LEVELS = ("sample", "all")
# A round without progress for this long is queued again: its messages may be in the dead-letter queue.
STALLED_S = 120.0


class Rotations:
    """Plans, starts, reports and ends rotations. The workers do the work: see `run.run_shard`."""

    def __init__(self, services: RotationServices, stalled_s: float = STALLED_S):
        self._services = services
        self._records = RotationRecords(services.objects)
        self._stalled_s = stalled_s
        self._surveys = Surveys(services)
        self.standby_finalizer = StandbyFinalizer(services)

    # Plan and status

    def plan(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Plan a rotation, or return the status of an existing one. Nothing is written with `dry_run`.

        Raise BadInputError, NotFoundError, ConflictError for another rotation with the same ID, or UnavailableError in a
        region that isn't active (except with `dry_run`).
        """
        params = Params.read(given, least_retain_s=self._services.retain_old_s)
        try:
            plan = self._records.plan(params.rotation_id)
        except NotFoundError:
            return self._planned_anew(params)
        if plan.params.identity != params.identity:
            message = (
                f"Rotation {params.rotation_id} already exists with other parameters. Fix: choose another rotation_id."
            )
            raise ConflictError("other-rotation", message)
        return self.status(params.rotation_id)

    def _planned_anew(self, params: Params) -> dict[str, Any]:
        if not params.dry_run:
            self._services.active.require()
        target = self._target(params)
        found = self._surveys.get(params, target)
        rates = self._rates(params)
        plan, shards = make_plan(params, found.items, target, rates, now(), estimated=found.estimated)
        if not params.dry_run:
            plan = self._records.create(plan, shards)
        return self._described(plan, None)

    def _target(self, params: Params) -> str | None:
        if params.target_kms_key is None:
            return None
        arn = self._services.tenants.kms.resolve(params.target_kms_key)
        if self._services.replication.is_configured() and "key/mrk-" not in arn:
            message = (
                f"{params.target_kms_key} is not a multi-Region key: the other region could not decrypt what it wraps."
            )
            raise BadInputError("single-region-key", message)
        return arn

    def _rates(self, params: Params):
        for state in self._records.states():
            if state.measured and self._records.plan(state.rotation).params.kind == params.kind:
                return measured_rates(params.kind, state.measured)
        return measured_rates(params.kind, None)

    def status(self, rotation: str) -> dict[str, Any]:
        """Return the status of a rotation, as this region knows it. Raise NotFoundError."""
        plan = self._records.plan(check_rotation(rotation))
        state, _etag = self._records.state(rotation)
        return self._described(plan, state)

    # Tasks

    def start(self, rotation: str) -> dict[str, Any]:
        """Start a rotation, or continue it. Nothing is written if it is running or finished."""
        return self._begin(rotation, ROTATE)

    def roll_back(self, rotation: str) -> dict[str, Any]:
        """Make the previous keys current again. Raise ConflictError once the rotation is finalized."""
        return self._begin(rotation, ROLL_BACK)

    def verify(self, rotation: str, level: str = "sample") -> dict[str, Any]:
        """Check a `sample` of the assets, or `all`, with the new keys.

        An equally thorough check that succeeded isn't repeated.
        """
        if level not in LEVELS:
            raise BadInputError("bad-level", f"level must be one of {', '.join(LEVELS)}.")
        plan, state = self._records.plan(check_rotation(rotation)), self._records.state(rotation)[0]
        found = state.verification if state else None
        if found and not found.failed and (found.level == "all" or level == found.level):
            return self._described(plan, state)
        return self._begin(rotation, VERIFY, verify_level=level)

    def finalize(self, rotation: str) -> dict[str, Any]:
        """Delete what the old keys open, in this region.

        The standby region does so each time it is asked, once the active one has.

        Raise ConflictError before `retain_old_s` has passed, and in the standby region before the active one is finalized.
        """
        plan = self._records.plan(check_rotation(rotation))
        state, _etag = self._records.state(rotation)
        if self._services.active.is_here():
            if state is not None:
                phases.require_retained(state, self._retain_s(plan), datetime.datetime.now(datetime.UTC))
            return self._begin(rotation, FINALIZE)
        if state is None or not run.standby_may_finalize(state):
            message = f"Rotation {rotation} isn't finalized in the active region, or that is not replicated to this region yet."
            raise ConflictError("not-finalized", message)
        if self._progress(plan, state, here=False)[0] == "finalized":
            return self._described(plan, state)
        self.standby_finalizer.begin(rotation)
        return self._described(plan, state)

    def _begin(self, rotation: str, task: Task, verify_level: str | None = None) -> dict[str, Any]:
        plan = self._records.plan(check_rotation(rotation))
        self._services.active.require()
        state, etag = self._records.state(rotation)
        known = state or State(rotation, "planned", 0, plan.created_at)
        begun = phases.begin(known, task, now())
        began_at: float | None = datetime.datetime.fromisoformat(known.since).timestamp()
        if begun is not known:
            began_at = None
            begun = replace(begun, verify_level=verify_level) if verify_level else begun
            self._records.change(begun, etag)
        if begun.phase == task.running:
            self._queue(plan, begun, began_at)
            state, _etag = self._records.state(rotation)
            begun = state or begun
        return self._described(plan, begun)

    def _queue(self, plan: Plan, state: State, began_at: float | None) -> None:
        """Queue the first shard of each lane, for a new round or one that has stalled."""
        number = run.round_of(state, self._services.active.is_here())
        done = self._records.done(plan.rotation, number, self._services.region)
        if began_at is not None and time.time() - max(began_at, *done.values(), 0.0) < self._stalled_s:
            return
        left = run.lanes_left(plan, done)
        for shard in left:
            self._services.send(run.message(plan.rotation, shard))
        if not left:
            run.close(Work(self._services, plan, state), self._records)

    # Description

    def _retain_s(self, plan: Plan) -> int:
        return max(self._services.retain_old_s, plan.params.retain_old_s or 0)

    def _described(self, plan: Plan, state: State | None) -> dict[str, Any]:
        active = self._services.active.name()
        here = active == self._services.region
        phase, outcome, shards_done = self._progress(plan, state, here)
        until = phases.retained_until(state, self._retain_s(plan)) if state else None
        counts = {"done": outcome.done, "skipped": outcome.skipped, "failed": len(outcome.failures)}
        failures = outcome.failures or (state.failures if state else ())
        return {
            "rotation_id": plan.rotation,
            "region": self._services.region,
            "active_region": active,
            "mode": plan.params.mode,
            "kind": plan.params.kind,
            "phase": phase,
            "plan": plan.figures,
            "shards": {"done": shards_done, "total": plan.shards},
            **(phases.counted(state, counts) if state else {"done": 0, "skipped": 0, "failed": 0}),
            "failures": [vars(item) for item in failures[:20]],
            "elapsed_s": _elapsed(state),
            "resume_marker": plan.resume_marker,
            "verification": state.verification.to_json() if state and state.verification else None,
            "finalize_from": until.isoformat() if until else None,
        }

    def _progress(self, plan: Plan, state: State | None, here: bool) -> tuple[str, Outcome, int]:
        if state is None:
            return "planned", Outcome(), 0
        running = phases.task_of(state) is not None if here else run.standby_may_finalize(state)
        if not running:
            return state.phase, Outcome(), plan.shards if state.round else 0
        number = run.round_of(state, here)
        done = len(self._records.done(plan.rotation, number, self._services.region))
        outcome = self._records.outcome(plan.rotation, number, self._services.region)
        if here:
            return state.phase, outcome, min(done, plan.shards)
        markers = plan.shards + (plan.params.kind == "tenant")
        return (
            "finalized" if done >= markers and not outcome.failures else "finalizing",
            outcome,
            min(done, plan.shards),
        )


def _elapsed(state: State | None) -> float:
    """Return the seconds since the round began, while it runs."""
    if state is None or phases.task_of(state) is None:
        return 0.0
    began = datetime.datetime.fromisoformat(state.since)
    return round((datetime.datetime.now(datetime.UTC) - began).total_seconds(), 1)
