# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The documents of rotations in S3.

Only the active region changes them, except for the standby region's own completion markers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from media_server.errors import ConflictError, NotFoundError
from media_server.rotation.model import Item, Outcome, Plan, State, total
from media_server.store import layout
from media_server.store.documents import SCHEMA, to_bytes
from media_server.store.objects import ObjectStore, PreconditionFailed
from media_server.store.parallel import run_parallel

# The round in which the standby region finalizes; the active region's rounds begin with 1.
STANDBY_ROUND = 0


class RotationRecords:
    """Reads and writes the documents of all rotations."""

    def __init__(self, objects: ObjectStore):
        self._objects = objects
        self._outcomes: dict[str, Outcome] = {}

    def plan(self, rotation: str) -> Plan:
        """Return the plan. Raise NotFoundError if the rotation doesn't exist."""
        try:
            data, _etag = self._objects.get_json(layout.rotation_plan(rotation))
        except NotFoundError:
            raise NotFoundError("no-rotation", f"Rotation {rotation} doesn't exist.") from None
        return Plan.from_json(data)

    def create(self, plan: Plan, shards: Sequence[Sequence[Item]]) -> Plan:
        """Write a plan, unless one exists, and return the one that exists."""
        run_parallel(lambda numbered: self._create_shard(plan, *numbered), enumerate(shards))
        if self._objects.create(layout.rotation_plan(plan.rotation), to_bytes(plan.to_json())):
            return plan
        return self.plan(plan.rotation)

    def _create_shard(self, plan: Plan, number: int, items: Sequence[Item]) -> None:
        document = {"schema": SCHEMA, "items": [asdict(item) for item in items]}
        self._objects.create(layout.shard(plan.rotation, plan.digest, number), to_bytes(document))

    def shard(self, plan: Plan, number: int) -> list[Item]:
        """Return the items of a shard."""
        data, _etag = self._objects.get_json(layout.shard(plan.rotation, plan.digest, number))
        return [Item(**item) for item in data["items"]]

    def items(self, plan: Plan) -> Iterator[Item]:
        """Return the items of all shards, in order."""
        for number in range(plan.shards):
            yield from self.shard(plan, number)

    def state(self, rotation: str) -> tuple[State | None, str | None]:
        """Return the state and its ETag, or nothing if the rotation hasn't started."""
        try:
            data, etag = self._objects.get_json(layout.rotation_state(rotation))
        except NotFoundError:
            return None, None
        return State.from_json(data), etag

    def change(self, state: State, etag: str | None) -> None:
        """Write the state that was read with `etag`. Raise ConflictError if it was changed in the meantime."""
        name, body = layout.rotation_state(state.rotation), to_bytes(state.to_json())
        try:
            if etag is None:
                self._objects.put(name, body, if_none_match=True)
            else:
                self._objects.change(name, body, etag)
        except PreconditionFailed:
            message = f"Rotation {state.rotation} was changed in the meantime."
            raise ConflictError("changed-meanwhile", message) from None

    def states(self) -> list[State]:
        """Return the states of all started rotations, the most recently changed first."""
        found = run_parallel(lambda rotation: self.state(rotation)[0], self._objects.folders(layout.ROTATIONS))
        return sorted((state for state in found if state), key=lambda state: state.since, reverse=True)

    # Completion markers

    def done(self, rotation: str, round_: int, region: str) -> dict[int, float]:
        """Return the finished shards and when they were finished, by S3's clock."""
        prefix = layout.done_prefix(rotation, round_, region)
        found = self._objects.list(prefix)
        return {int(item.key.removeprefix(prefix).partition(".")[0]): item.written_at for item in found}

    def is_done(self, rotation: str, round_: int, region: str, number: int) -> bool:
        """Return whether a shard is finished."""
        try:
            self._objects.head(layout.done(rotation, round_, region, number))
        except NotFoundError:
            return False
        return True

    def set_done(self, rotation: str, round_: int, region: str, number: int, outcome: Outcome) -> None:
        """Record the outcome of a finished shard. The first record is kept."""
        self._objects.create(layout.done(rotation, round_, region, number), to_bytes(outcome.to_json()))

    def outcome(self, rotation: str, round_: int, region: str) -> Outcome:
        """Return the total outcome of the finished shards."""
        names = [item.key for item in self._objects.list(layout.done_prefix(rotation, round_, region))]
        # Markers never change, so each is read once.
        for name in names:
            if name not in self._outcomes:
                self._outcomes[name] = Outcome.from_json(self._objects.get_json(name)[0])
        return total(self._outcomes[name] for name in names)
