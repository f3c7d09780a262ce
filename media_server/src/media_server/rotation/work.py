# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What the tasks of all kinds of rotations share: the rotation they belong to, and how items are worked through."""

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
from media_server.store.many import at_once

_TRIES = 4
# These are not about one item: the shard is handed back, and done again later.
_OF_THE_WHOLE = {"unavailable", "not-active"}


# Called often. What it raises ends the work, to be gone on with later.
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
        """The rotation's id."""
        return self.plan.rotation

    @cached_property
    def recently_active(self) -> RecentlyActive:
        """For steps that cost little more than to ask which region is active."""
        return RecentlyActive(self.services.active)

    def wait_replicated(self, names: Iterable[str]) -> None:
        """Until objects are in the other region, too. Raises UnavailableError."""
        self.services.replication.wait(names, self.checkpoint)


Step = Callable[[Item], Outcome]


def each(work: Work, items: Sequence[Item], step: Step) -> Outcome:
    """Do `step` for each item, some at a time. What fails is told with its item, and disturbs no other."""
    started, calls = time.monotonic(), work.services.tenants.kms.count
    outcome = total(at_once(lambda item: _one(work, item, step), items, most=work.services.threads))
    return replace(outcome, seconds=time.monotonic() - started, kms_calls=work.services.tenants.kms.count - calls)


def _one(work: Work, item: Item, step: Step) -> Outcome:
    work.checkpoint()
    for attempt in range(_TRIES):
        try:
            return step(item)
        except ConflictError as error:
            # Somebody else, or an earlier self, was faster: what is there now is read again.
            if error.code != "changed-meanwhile" or attempt == _TRIES - 1:
                return failure(item.name, error.code, error.message)
        except UnavailableError as error:
            if error.code in _OF_THE_WHOLE:
                raise
            return failure(item.name, error.code, error.message)
        except MediaError as error:
            return failure(item.name, error.code, error.message)
    raise AssertionError("unreachable")
