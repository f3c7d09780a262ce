# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What the tasks of all kinds share: the rotation, and how items are processed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from media_server.errors import ConflictError, MediaError, UnavailableError
from media_server.rotation.model import Item, Outcome, Plan, State, total
from media_server.rotation.phases import failure
from media_server.rotation.services import RotationServices
from media_server.store.active import RecentlyActive
from media_server.store.parallel import run_parallel

_TRIES = 4
# Errors that concern the whole shard, which returns to the queue.
_SHARD_ERRORS = {"unavailable", "not-active"}


# Called often. An error that it raises interrupts the work, which can be continued later.
Checkpoint = Callable[[], None]


@dataclass(frozen=True)
class Work:
    """A round of a rotation in this region."""

    services: RotationServices
    plan: Plan
    state: State
    checkpoint: Checkpoint = lambda: None

    @property
    def rotation(self) -> str:
        """Return the rotation's ID."""
        return self.plan.rotation

    @cached_property
    def recently_active(self) -> RecentlyActive:
        """Return a cached check of the active region, for steps that cost little more than the check itself."""
        return RecentlyActive(self.services.active)

    def wait_replicated(self, names: Iterable[str]) -> None:
        """Wait until objects are replicated to the other region. Raise UnavailableError."""
        self.services.replication.wait(names, self.checkpoint)


Step = Callable[[Item], Outcome]


def each(work: Work, items: Sequence[Item], step: Step) -> Outcome:
    """Run `step` for each item, several at a time. A failure is reported with its item and doesn't affect the others."""
    started, calls = time.monotonic(), work.services.tenants.kms.count
    outcome = total(run_parallel(lambda item: _one(work, item, step), items, most=work.services.threads))
    return replace(outcome, seconds=time.monotonic() - started, kms_calls=work.services.tenants.kms.count - calls)


def _one(work: Work, item: Item, step: Step) -> Outcome:
    work.checkpoint()
    for attempt in range(_TRIES):
        try:
            return step(item)
        except ConflictError as error:
            # Another worker, or an earlier attempt, was faster: read the current state again.
            if error.code != "changed-meanwhile" or attempt == _TRIES - 1:
                return failure(item.name, error.code, error.message)
        except UnavailableError as error:
            if error.code in _SHARD_ERRORS:
                raise
            return failure(item.name, error.code, error.message)
        except MediaError as error:
            return failure(item.name, error.code, error.message)
    raise AssertionError("unreachable")
