# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The phases of a rotation, and the transitions between them. Pure functions.

planned -> rotating -> rotated -> finalizing -> finalized
              |           |  \\-> verifying -> rotated
         incomplete       \\-> rolling-back -> rolled-back -> finalizing, or rotating again
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace

from media_server.errors import ConflictError
from media_server.rotation.model import Failure, Outcome, State, Verification

KEPT_FAILURES = 100


@dataclass(frozen=True)
class Task:
    """The task of a round: the phase while it runs, the phases it may start from, and those in which it has nothing to do."""

    name: str
    running: str
    begins_from: frozenset[str]
    nothing_to_do: frozenset[str]


ROTATE = Task(
    "rotate",
    "rotating",
    frozenset({"planned", "incomplete", "rolled-back"}),
    frozenset({"rotated", "verifying", "finalizing", "finalized"}),
)
ROLL_BACK = Task(
    "roll-back", "rolling-back", frozenset({"rotated", "incomplete"}), frozenset({"planned", "rolled-back"})
)
VERIFY = Task("verify", "verifying", frozenset({"rotated", "finalized"}), frozenset())
FINALIZE = Task("finalize", "finalizing", frozenset({"rotated", "rolled-back"}), frozenset({"finalized"}))
TASKS = {task.running: task for task in (ROTATE, ROLL_BACK, VERIFY, FINALIZE)}


def task_of(state: State) -> Task | None:
    """Return the running task, or None."""
    return TASKS.get(state.phase)


def begin(state: State, task: Task, at: str) -> State:
    """Return the state in which `task` runs; the same state if it is running already, or there is nothing to do.

    Raise ConflictError if the phase doesn't allow it.
    """
    if state.phase == task.running or state.phase in task.nothing_to_do:
        return state
    if state.phase not in task.begins_from:
        message = f"Rotation {state.rotation} is {state.phase}: it can't {task.name.replace('-', ' ')} now."
        raise ConflictError("wrong-phase", message)
    begun = replace(state, phase=task.running, round=state.round + 1, since=at, settled=state.phase, failures=())
    if task is FINALIZE:
        return replace(begun, obsolete="target" if state.phase == "rolled-back" else "source")
    return begun if task is VERIFY else replace(begun, verification=None)


def finish(state: State, outcome: Outcome, at: str) -> State:
    """Return the state after the last shard of a round, given the total outcome."""
    failures = outcome.failures[:KEPT_FAILURES]
    after = _AFTER[state.phase](state, outcome, at)
    return replace(after, since=at, failures=failures)


def _after_rotate(state: State, outcome: Outcome, at: str) -> State:
    measured = {
        "seconds": round(outcome.seconds, 3),
        "objects": outcome.objects,
        "bytes": outcome.bytes,
        "kms_calls": outcome.kms_calls,
    }
    return replace(
        state,
        phase="incomplete" if outcome.failures else "rotated",
        retain_from=at,
        done=outcome.done,
        skipped=outcome.skipped,
        measured=measured,
    )


def _after_roll_back(state: State, outcome: Outcome, at: str) -> State:
    return replace(state, phase="incomplete" if outcome.failures else "rolled-back", retain_from=at)


def _after_verify(state: State, outcome: Outcome, at: str) -> State:
    failed = len(outcome.failures)
    found = Verification(state.verify_level or "sample", outcome.done + failed, failed, at)
    return replace(state, phase=state.settled, verification=found)


def _after_finalize(state: State, outcome: Outcome, _at: str) -> State:
    return replace(state, phase=state.settled if outcome.failures else "finalized")


_AFTER = {
    "rotating": _after_rotate,
    "rolling-back": _after_roll_back,
    "verifying": _after_verify,
    "finalizing": _after_finalize,
}


def require_retained(state: State, retain_s: int, now: datetime.datetime) -> None:
    """Raise ConflictError if the old versions may not be deleted yet."""
    until = retained_until(state, retain_s)
    if until and now < until and state.phase != "finalized":
        message = f"Rotation {state.rotation} can be finalized from {until.isoformat()} on: tokens and caches are valid until then."
        raise ConflictError("retained", message)


def retained_until(state: State, retain_s: int) -> datetime.datetime | None:
    """Return when the old versions may be deleted."""
    if state.retain_from is None:
        return None
    return datetime.datetime.fromisoformat(state.retain_from) + datetime.timedelta(seconds=retain_s)


def failure(item: str, code: str, message: str) -> Outcome:
    """Return the outcome of one failed item."""
    return Outcome(failures=(Failure(item, code, message[:500]),))


def counted(state: State, counts: Mapping[str, int]) -> dict[str, int]:
    """Return the counts for the API: of the running round, or of the round that rotated."""
    running = state.phase == "rotating"
    return {
        "done": counts["done"] if running else state.done,
        "skipped": counts["skipped"] if running else state.skipped,
        "failed": counts["failed"] if task_of(state) else len(state.failures),
    }
