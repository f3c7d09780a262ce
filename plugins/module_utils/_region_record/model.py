# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Find the region record that wins among its copies, and plan what makes them agree. Pure functions, no client.

One record an environment says which region is active. Every region holds a copy. The higher epoch wins and heals the
lower; two contents under one epoch are a conflict that only a person can settle.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

FIRST_EPOCH = 1


@dataclasses.dataclass(frozen=True)
class Record:
    """The content of a copy. ``since`` is an ISO 8601 time in UTC; ``journal`` names the failover that began it."""

    epoch: int
    active_region: str
    writer_endpoint: str | None
    since: str
    reason: str
    journal: str | None

    def as_dict(self) -> dict[str, t.Any]:
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True)
class Copy:
    """A region's copy, as it was read.

    ``status`` is ``present``, ``absent`` (a table without the record), ``no_table`` or ``unreadable`` (see ``error``).
    """

    region: str
    status: str
    record: Record | None = None
    error: str | None = None

    def as_dict(self) -> dict[str, t.Any]:
        return dataclasses.asdict(self)


def winner(copies: t.Sequence[Copy]) -> Record | None:
    """Return the record with the highest epoch; None where no copy holds one. Raise PlatformError on a conflict."""
    held = [copy for copy in copies if copy.record]
    if not held:
        return None
    epoch = max(copy.record.epoch for copy in held)
    leading = [copy for copy in held if copy.record.epoch == epoch]
    if any(copy.record != leading[0].record for copy in leading):
        contents = "; ".join(f"{copy.region}: {copy.record.as_dict()}" for copy in leading)
        raise PlatformError(
            f"The region record has two contents under epoch {epoch} ({contents}). Nothing was changed. "
            "Find out which region takes writes, then give the true copy a higher epoch."
        )
    return leading[0].record


def unseen(copies: t.Sequence[Copy]) -> list[str]:
    """Return warnings about the copies that could not be read."""
    return [
        f"The region record of {copy.region} could not be read ({copy.error}): it may hold a higher epoch. "
        f"Only what is limited to the other regions is safe."
        for copy in copies
        if copy.status == "unreadable"
    ]


@dataclasses.dataclass(frozen=True)
class Writer:
    """The endpoint of a region's writer, as its role found it; ``since`` as in a record."""

    region: str
    endpoint: str
    since: str


def with_writer(record: Record, writer: Writer | None) -> Record:
    """Return the record with the writer's endpoint: under a new epoch, unless it has it already or another region is active."""
    if writer is None or writer.region != record.active_region or writer.endpoint == record.writer_endpoint:
        return record
    return dataclasses.replace(
        record,
        epoch=record.epoch + 1,
        writer_endpoint=writer.endpoint,
        since=writer.since,
        reason="the writer has another endpoint" if record.writer_endpoint else "the writer was built",
    )


def plan_copies(copies: t.Sequence[Copy], first: Record, writer: Writer | None = None) -> list[Change]:
    """Plan what makes the copies agree and name the writer's endpoint.

    ``first`` is written only where every copy was read and none holds a record: a region that can't be read may hold one.
    Copies without a table are left to a later run, after the table was made.
    """
    record = winner(copies)
    if record is None:
        if any(copy.status == "unreadable" for copy in copies):
            return []
        record = first
    if not any(copy.status == "unreadable" for copy in copies):
        record = with_writer(record, writer)
    return [
        Change(
            action="update" if copy.record else "create",
            kind="region record",
            name=copy.region,
            before=copy.record.as_dict() if copy.record else None,
            after=record.as_dict(),
            region=copy.region,
            title=f"region record in {copy.region}",
        )
        for copy in copies
        if copy.status in ("present", "absent") and copy.record != record
    ]
