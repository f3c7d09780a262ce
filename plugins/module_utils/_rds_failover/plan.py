# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The steps that are left of a failover. Pure functions, no client."""

from __future__ import annotations

import dataclasses

from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.journal import LATE, Journal, Place
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.model import State, Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_record.model import Record


@dataclasses.dataclass(frozen=True)
class Step(Change):
    """A change, with the journal's name for it."""

    step: str = ""


def begin(wanted: Wanted, state: State, name: str) -> Journal | None:
    """The journal to go by: the unfinished one, a new one, or None where nothing is to be done."""
    journal = state.journal
    if journal and not journal.finished:
        return journal.as_emergency() if wanted.mode == "emergency" else journal.resumed()
    record, target = state.record, state.target.instance
    if wanted.mode == "status" or record is None or target is None or record.active_region == wanted.target_region:
        return None
    left = record.active_region
    return Journal(
        name=name,
        mode=wanted.mode,
        source=Place(left, wanted.identifier(left), record.writer_endpoint or ""),
        target=Place(wanted.target_region, wanted.identifier(wanted.target_region), target.endpoint),
        epoch=record.epoch + 1,
        fence=wanted.fence,
        version=journal.version if journal else 0,
    )


def new_record(journal: Journal, since: str) -> Record:
    """What the region record will say. ``since`` is when the failover was begun, so that a resumed run writes the same."""
    return Record(
        epoch=journal.epoch,
        active_region=journal.target.region,
        writer_endpoint=journal.target.endpoint,
        since=since,
        reason=f"{journal.mode} failover from {journal.source.region}",
        journal=journal.name,
    )


def plan(wanted: Wanted, state: State, name: str = "") -> list[Change]:
    """What is left to do, as far as it can be done now: the late steps of an emergency wait for the region that was left."""
    journal = begin(wanted, state, name)
    if journal is None or wanted.mode == "status":
        return []
    lost = state.source is None or not state.source.reached
    steps = [step for step in journal.remaining if not (journal.mode == "emergency" and lost and step in LATE)]
    return [_described(step, journal, state) for step in steps]


def _described(step: str, journal: Journal, state: State) -> Step:
    source, target, left = journal.source, journal.target, state.record.as_dict() if state.record else None
    after = new_record(journal, "now").as_dict()
    words = {
        "fence": ("fence", f"writer {source}", {"takes_writes": True}, {"takes_writes": False}),
        "drain": ("apply", f"all that {source} has", None, f"applied by {target}"),
        "reach": ("try to fence", f"writer {source}", {"takes_writes": True}, {"takes_writes": False}),
        "apply": ("apply", f"what {target} has received", None, "applied"),
        "promote": ("promote", f"replica {target}", {"replicates": str(source)}, {"replicates": None}),
        "record": ("update", f"region record in {target.region}", left, after),
        "open": ("open", f"writer {target}", {"takes_writes": False}, {"takes_writes": True}),
        "secrets": ("promote", f"replicated secrets in {target.region}", None, None),
        "late_fence": ("fence", f"old writer {source}", {"takes_writes": True}, {"takes_writes": False}),
        "copies": ("update", f"region record in {source.region}", left, after),
    }
    return Step(*words[step], region=None, step=step)


def pending(journal: Journal | None) -> list[str]:
    """What an emergency left to do until the lost region is back."""
    if journal is None or journal.finished or journal.mode != "emergency":
        return []
    words = {
        "late_fence": f"fence the old writer {journal.source}, before anything may use it",
        "copies": f"write epoch {journal.epoch} of the region record in {journal.source.region}",
    }
    return [words[step] for step in journal.remaining if step in words]
