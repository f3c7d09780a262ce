# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Plan the steps of a failover that are left. Pure functions, no client."""

from __future__ import annotations

import dataclasses

from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.journal import LATE, Journal, Place
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.model import State, Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_record.model import Record


def begin(wanted: Wanted, state: State, name: str) -> Journal | None:
    """Return the journal to go by: the unfinished one, a new one, or None where there is nothing to do."""
    journal = state.journal
    if journal and not journal.finished:
        journal = _with_endpoint(journal, state)
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


def _with_endpoint(journal: Journal, state: State) -> Journal:
    """Return the journal with the endpoint of an old writer that was not known while its region was lost."""
    found = state.source.instance if state.source else None
    if journal.source.endpoint or not found:
        return journal
    return dataclasses.replace(journal, source=dataclasses.replace(journal.source, endpoint=found.endpoint))


def new_record(journal: Journal, since: str) -> Record:
    """Return the region record to write. ``since`` is when the failover was begun, so that a resumed run writes the same."""
    return Record(
        epoch=journal.epoch,
        active_region=journal.target.region,
        writer_endpoint=journal.target.endpoint,
        since=since,
        reason=f"{journal.mode} failover from {journal.source.region}",
        journal=journal.name,
    )


def plan(wanted: Wanted, state: State, journal: Journal | None) -> list[Change]:
    """Plan the steps that can be executed now: the late steps of an emergency wait for the region that was left."""
    if journal is None or wanted.mode == "status":
        return []
    lost = state.source is None or not state.source.reached
    steps = [step for step in journal.remaining if not (journal.mode == "emergency" and lost and step in LATE)]
    return [_change(step, journal, state) for step in steps]


def _change(step: str, journal: Journal, state: State) -> Change:
    """Describe a step. Its data is the name that the journal has for it."""
    source, target, before = journal.source, journal.target, state.record.as_dict() if state.record else None
    after = new_record(journal, "now").as_dict()
    takes, takes_not = {"takes_writes": True}, {"takes_writes": False}
    described = {
        "fence": ("fence", "writer", str(source), takes, takes_not),
        "drain": ("apply", "transactions", str(source), None, f"applied by {target}", f"all that {source} has"),
        "reach": ("try to fence", "writer", str(source), takes, takes_not),
        "apply": ("apply", "transactions", str(target), None, "applied", f"what {target} has received"),
        "promote": ("promote", "replica", str(target), {"replicates": str(source)}, {"replicates": None}),
        "record": ("update", "region record", f"in {target.region}", before, after),
        "open": ("open", "writer", str(target), takes_not, takes),
        "secrets": ("promote", "replicated secrets", f"in {target.region}", None, None),
        "late_fence": ("fence", "old writer", str(source), takes, takes_not),
        "copies": ("update", "region record", f"in {source.region}", before, after),
    }
    action, kind, name, old, new, *title = described[step]
    return Change(action, kind, name, old, new, title=title[0] if title else "", data=step)


def pending(journal: Journal | None) -> list[str]:
    """List what an emergency leaves to do until the lost region is back."""
    if journal is None or journal.finished or journal.mode != "emergency":
        return []
    words = {
        "late_fence": f"fence the old writer {journal.source}, before anything may use it",
        "copies": f"write epoch {journal.epoch} of the region record in {journal.source.region}",
    }
    return [words[step] for step in journal.remaining if step in words]
