# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Model the heartbeat of a writer, desired and current, and plan the changes between them. Pure functions, no client."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Finding
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

NAME = "heartbeat"
SECONDS = 1
# The event's comment: another one means that another release created the event.
RELEASE = "knowledgecity.platform 1"

_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,62}")


@dataclasses.dataclass(frozen=True)
class Event:
    """The event as the server reports it."""

    definer: str
    status: str
    comment: str
    interval: str

    def as_dict(self) -> dict[str, t.Any]:
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True)
class State:
    """One server's heartbeat. ``read_only``: the server is a replica or fenced. ``age_us``: microseconds since the last beat."""

    user: str
    read_only: bool
    scheduler: str
    schema: bool
    table: bool
    event: Event | None
    age_us: int | None


def check(schema: str, state: State | None = None) -> list[Finding]:
    """Find what keeps the server from having a heartbeat."""
    findings = []
    if not _IDENTIFIER.fullmatch(schema):
        text = f"O(schema) is {schema!r}: it begins with a small letter and has at most 63 of a-z, 0-9 and _."
        findings.append(Finding("wrong", schema, text))
    if state and state.read_only:
        text = (
            "The server takes no writes: it is a replica, or it is fenced. Fix: name the writer's endpoint in O(host)."
        )
        findings.append(Finding("wrong", schema, text))
    if state and state.scheduler != "ON":
        text = (
            f"The server's event_scheduler is {state.scheduler}. Fix: set it to ON in the instance's parameter group."
        )
        findings.append(Finding("wrong", schema, text))
    return findings


def plan(schema: str, state: State) -> list[Change]:
    """Plan the creation of what is missing: the schema, the table, the event."""
    changes = []
    if not state.schema:
        changes.append(Change("create", "schema", schema, None, {"schema": schema}))
    if not state.table:
        changes.append(Change("create", "table", f"{schema}.{NAME}", None, {"table": NAME}))
    wanted = Event(state.user, "ENABLED", RELEASE, f"{SECONDS} SECOND")
    if state.event != wanted:
        before = state.event.as_dict() if state.event else None
        changes.append(Change("update" if before else "create", "event", f"{schema}.{NAME}", before, wanted.as_dict()))
    return changes


def result(schema: str, state: State) -> dict[str, t.Any]:
    """Return the heartbeat as it was read last."""
    return {"schema": schema, "age_ms": None if state.age_us is None else state.age_us // 1000}
