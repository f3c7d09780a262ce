# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Find what keeps a failover from being begun. Pure functions over what was read, no client."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Finding
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.model import Side, State, Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.promotion import PROMOTABLE

# RDS promotes no replica while it is backed up, which takes minutes.
AWAITED = frozenset({"backing-up"})

_NUMBERS = (
    "max_lag_ms",
    "ready_timeout",
    "lag_timeout",
    "fence_timeout",
    "barrier_timeout",
    "promotion_timeout",
    "lost_timeout",
)


def check_options(wanted: Wanted, options: t.Mapping[str, t.Any]) -> list[Finding]:
    """Find what is wrong with the options by themselves."""
    regions = [item["region"] for item in options["instances"]]
    found = [f"O({name}) is {options[name]}: it can't be negative." for name in _NUMBERS if options[name] < 0]
    if not options["lost_timeout"]:
        found.append("O(lost_timeout) is 0: no region could answer.")
    found += [f"O(instances) names {name} twice." for name in sorted(set(regions)) if regions.count(name) > 1]
    if wanted.target_region not in wanted.instances:
        known = ", ".join(sorted(wanted.instances))
        found.append(f"O(target_region) {wanted.target_region} is none of the regions of O(instances): {known}.")
    if wanted.accept_unapplied and wanted.mode == "planned":
        found.append("O(accept_unapplied) is for mode=emergency: a planned failover loses nothing.")
    if wanted.fence == "security_group" and not wanted.fence_security_group:
        found.append("O(fence=security_group) needs O(fence_security_group): the group that lets only the runners in.")
    return _wrong(wanted.target_region, found)


def check(wanted: Wanted, state: State) -> list[Finding]:
    """Find what keeps O(mode) from being done. Most of it is not checked again once the failover was begun."""
    if wanted.mode == "status":
        return []
    if state.foreign:
        at = state.foreign.doing or "after " + ", ".join(state.foreign.done)
        text = (
            f"A failover to {state.foreign.target} was begun and is not finished (mode {state.foreign.mode}, at step {at}). "
            "Fix: finish it first, with the same mode and target region."
        )
        return _wrong("journal", [text])
    journal = state.journal
    if journal and not journal.finished:
        return _check_mode_of_unfinished(wanted, state)
    if state.record is None:
        return _wrong(
            "region record", ["No region that can be read has a region record. Fix: build the platform first."]
        )
    if state.record.active_region == wanted.target_region:
        return []
    if state.record.active_region not in wanted.instances:
        text = f"The active region {state.record.active_region} is none of O(instances): {', '.join(sorted(wanted.instances))}."
        return _wrong("region record", [text])
    limit = wanted.max_lag_ms if wanted.mode == "planned" else None
    found = list(target_problems(state.target, limit, awaited=AWAITED))
    if wanted.mode == "planned":
        found += _both_regions(wanted, state)
    return _wrong(wanted.target_region, found)


def _wrong(subject: str, texts: t.Iterable[str]) -> list[Finding]:
    return [Finding("wrong", subject, text) for text in texts]


def _check_mode_of_unfinished(wanted: Wanted, state: State) -> list[Finding]:
    journal = state.journal
    if wanted.mode != "planned" or not journal or journal.finished or journal.mode == "planned":
        return []
    text = f"An emergency failover to {journal.target} is not finished. Fix: run again with mode=emergency."
    return _wrong("journal", [text])


def _both_regions(wanted: Wanted, state: State) -> t.Iterator[str]:
    """Find what is wrong with the two regions, both of which a planned failover needs."""
    for copy in state.copies if state.record and state.record.epoch else ():
        if copy.status != "present":
            yield f"The region record of {copy.region} is {copy.status}{f' ({copy.error})' if copy.error else ''}."
        elif copy.record != state.record:
            yield f"The copies of the region record differ ({copy.region}). Fix: repair them with the module region_record."
    source = state.source
    if source is None or source.instance_error or source.server_error:
        why = (source.instance_error or source.server_error) if source else "nothing is known of it"
        yield (
            f"The writer does not answer: {why} Hint: if its region is lost, use mode=emergency, which may lose what was "
            "not replicated."
        )
    elif source.instance is None:
        yield f"The writer {source.identifier} in {source.region} does not exist."
    elif source.instance.status not in ("available", "backing-up", "storage-optimization"):
        yield f"The writer {source.identifier} is {source.instance.status}. Fix: wait until it is available."
    elif source.server and source.server.read_only:
        yield f"The writer {source.identifier} takes no writes: it is fenced, or a replica."
    elif source.server and not source.server.performance_schema:
        yield _blind(source)
    elif source.server and not source.server.beat and not wanted.name:  # a dedicated instance gets one
        yield "The writer has no heartbeat, so lag can't be measured. Fix: run the role database, or the module rds_heartbeat."


def target_problems(
    target: Side, max_lag_ms: float | None, awaited: t.Collection[str] = frozenset()
) -> t.Iterator[str]:
    """Find why a replica can't be promoted. Without ``max_lag_ms``, problems that come from a lost source are left out.

    ``awaited`` are states that end by themselves, and that the run waits for.
    """
    name, instance, server = f"{target.identifier} in {target.region}", target.instance, target.server
    if target.instance_error or target.server_error:
        yield f"{name} can't be read: {target.instance_error or target.server_error}"
        return
    if instance is None or server is None:
        yield f"There is no replica {name}. Fix: create one with the playbook db_rebuild_replica.yml."
        return
    if not instance.source:
        yield f"{name} is no read replica. Fix: rebuild it with the playbook db_rebuild_replica.yml."
    if instance.status not in PROMOTABLE | set(awaited):
        yield f"{name} is {instance.status}. Fix: wait until it is available."
    if instance.read_only not in (None, "{TrueIfReplica}", "0", "OFF"):
        yield (
            f"The parameter group {instance.parameter_group} sets read_only to {instance.read_only}, so that {name} would take no "
            "writes. Fix: reset the parameter."
        )
    if max_lag_ms is None or not instance.source:
        return
    if not server.performance_schema:
        yield _blind(target)
        return
    for problem in server.problems:
        yield f"{name}: {problem}. Hint: read its error log."


def _blind(side: Side) -> str:
    return (
        f"{side.identifier} in {side.region} runs without performance_schema, so that sessions and lag can't be seen. Fix: run "
        "site.yml, which sets it in the parameter group, then reboot the instance."
    )
