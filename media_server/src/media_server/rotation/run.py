# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run shards of a rotation: by any worker, any number of times. Progress is read from S3, so a killed worker loses nothing.

Shards are queued in lanes: the worker that finishes one queues the next of its lane, which limits how many run at the same
time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from media_server.errors import ConflictError, NotFoundError
from media_server.keys.tenants import now
from media_server.rotation import finalize, phases, reencrypt, rewrap_kms, rewrap_tenant, verify
from media_server.rotation.model import Item, Outcome, Plan, State
from media_server.rotation.records import STANDBY_ROUND, RotationRecords
from media_server.rotation.services import RotationServices
from media_server.rotation.work import Checkpoint, Work

Steps = Callable[[Work, Sequence[Item]], Outcome]

_STEPS: dict[tuple[str, str], Steps] = {
    ("rotate", "content"): reencrypt.rotate,
    ("rotate", "tenant"): rewrap_tenant.rotate,
    ("rotate", "kms"): rewrap_kms.rotate,
    ("roll-back", "content"): reencrypt.roll_back,
    ("roll-back", "tenant"): rewrap_tenant.roll_back,
    ("roll-back", "kms"): rewrap_kms.roll_back,
    ("finalize", "content"): finalize.content,
    ("finalize", "tenant"): finalize.tenant,
    ("finalize", "kms"): finalize.kms,
}


def message(rotation: str, shard: int) -> dict[str, object]:
    """Return the queue message of a shard."""
    return {"kind": "rotate", "rotation": rotation, "shard": shard}


def round_of(state: State, region_is_active: bool) -> int:
    """Return the number of the round under which completion markers are stored."""
    return state.round if region_is_active else STANDBY_ROUND


def standby_may_finalize(state: State) -> bool:
    """Return whether a region that isn't active may remove what is its own: the active one has come to the end of that."""
    return state.obsolete is not None and "finalized" in (state.phase, state.settled)


def run_shard(services: RotationServices, rotation: str, shard: int, checkpoint: Checkpoint = lambda: None) -> None:
    """Run a shard of the current task. Do nothing if no task is running, or this region has nothing to do.

    `checkpoint` is called before each item and each file; an error that it raises ends the work, which can be continued
    later. Raise UnavailableError if AWS is not available: the message must be received again.
    """
    records = RotationRecords(services.objects)
    try:
        plan = records.plan(rotation)
    except NotFoundError:
        # The message arrived before the plan is replicated, or is not valid.
        return
    state, _etag = records.state(rotation)
    active = services.active.is_here()
    if (
        state is None
        or shard not in range(plan.shards)
        or not (phases.task_of(state) if active else standby_may_finalize(state))
    ):
        return
    number = round_of(state, active)
    work = Work(services, plan, state, checkpoint)
    again = records.is_done(rotation, number, services.region, shard)
    if not again:
        outcome = _do(work, records, shard, active)
        records.set_done(rotation, number, services.region, shard, outcome)
    _queue_next(work, records, shard, number, again)
    close(work, records)


def _do(work: Work, records: RotationRecords, shard: int, active: bool) -> Outcome:
    with work.services.tenants.kms.limited(work.plan.params.kms_requests_per_s / max(1, work.plan.lanes)):
        return _do_items(work, records, shard, active)


def _do_items(work: Work, records: RotationRecords, shard: int, active: bool) -> Outcome:
    plan, task = work.plan, phases.task_of(work.state)
    items = records.shard(plan, shard)
    if active and task is phases.VERIFY:
        if work.state.verify_level == "all":
            return verify.verify(work, items)
        return verify.verify(work, verify.sampled(items, len(items) * plan.shards))
    name = task.name if task and active else "finalize"
    return _STEPS[name, plan.params.kind](work, items)


def _queue_next(work: Work, records: RotationRecords, shard: int, number: int, again: bool) -> None:
    following = shard + work.plan.lanes
    if following >= work.plan.shards:
        return
    if again and records.is_done(work.rotation, number, work.services.region, following):
        return
    work.services.send(message(work.rotation, following))


def close(work: Work, records: RotationRecords) -> None:
    """End the round if all of its shards are finished. Several workers may try; a conditional write lets one succeed."""
    services, plan = work.services, work.plan
    active = services.active.is_here()
    number = round_of(work.state, active)
    if len(records.done(work.rotation, number, services.region)) < plan.shards:
        return
    outcome = records.outcome(work.rotation, number, services.region)
    finalizing = phases.task_of(work.state) is phases.FINALIZE or not active
    if finalizing and plan.params.kind == "tenant" and not outcome.failures:
        outcome = outcome + _close_tenants(work, records, active)
    if not active:
        return
    state, etag = records.state(work.rotation)
    if state is None or (state.round, state.phase) != (work.state.round, work.state.phase):
        return
    try:
        records.change(phases.finish(state, outcome, now()), etag)
    except ConflictError:
        # Another worker has ended it.
        return


def _close_tenants(work: Work, records: RotationRecords, active: bool) -> Outcome:
    services, marker = work.services, work.plan.shards
    number = round_of(work.state, active)
    if not active and records.is_done(work.rotation, number, services.region, marker):
        return Outcome()
    names = list(dict.fromkeys(item.tenant for item in records.items(work.plan)))
    closed = finalize.tenants(work, names)
    if not active and not closed.failures:
        records.set_done(work.rotation, number, services.region, marker, closed)
    return Outcome(failures=closed.failures)


def lanes_left(plan: Plan, done: dict[int, float]) -> list[int]:
    """Return the first unfinished shard of each lane."""
    lanes = [range(lane, plan.shards, plan.lanes) for lane in range(plan.lanes)]
    found = (next((shard for shard in lane if shard not in done), None) for lane in lanes)
    return [shard for shard in found if shard is not None]
