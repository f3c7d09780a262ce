# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What keeps a failover from being begun. Pure functions over what was read, no client."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Finding
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.model import Side, State, Wanted


def check_options(wanted: Wanted, regions: t.Sequence[str], numbers: t.Mapping[str, float]) -> list[Finding]:
    """What the options show by themselves: those of the instances' ``regions``, and ``numbers`` that can't be negative."""
    found = [f"O({name}) is {value}: it can't be negative." for name, value in numbers.items() if value < 0]
    if not numbers["lost_timeout"]:
        found.append("O(lost_timeout) is 0: no region could answer.")
    found += [f"O(instances) names {name} twice." for name in sorted(set(regions)) if regions.count(name) > 1]
    if wanted.target_region not in wanted.instances:
        known = ", ".join(sorted(wanted.instances))
        found.append(f"O(target_region) {wanted.target_region} is none of the regions of O(instances): {known}.")
    if wanted.fence == "security_group" and not wanted.fence_security_group:
        found.append("O(fence=security_group) needs O(fence_security_group): the group that lets only the runners in.")
    return _wrong(wanted.target_region, found)


def check(wanted: Wanted, state: State) -> list[Finding]:
    """What is in the way of what O(mode) asks for. Once a failover was begun nothing of this is asked again."""
    if wanted.mode == "status":
        return []
    if state.foreign:
        text = (
            f"A failover to {state.foreign.target} was begun and is not finished (mode {state.foreign.mode}, at step "
            f"{state.foreign.doing or 'after ' + ', '.join(state.foreign.done)}). Finish it first: the same mode, to that region."
        )
        return _wrong("journal", [text])
    journal = state.journal
    if journal and not journal.finished:
        return _mode_of_what_was_begun(wanted, state)
    if state.record is None:
        return _wrong("region record", ["No region that can be read has a region record. Build the platform first."])
    if state.record.active_region == wanted.target_region:
        return []
    if state.record.active_region not in wanted.instances:
        text = f"The active region {state.record.active_region} is none of O(instances): {', '.join(sorted(wanted.instances))}."
        return _wrong("region record", [text])
    found = list(target_problems(state.target, wanted.max_lag_ms if wanted.mode == "planned" else None))
    if wanted.mode == "planned":
        found += _both_regions(state)
    return _wrong(wanted.target_region, found)


def _wrong(subject: str, texts: t.Iterable[str]) -> list[Finding]:
    return [Finding("wrong", subject, text) for text in texts]


def _mode_of_what_was_begun(wanted: Wanted, state: State) -> list[Finding]:
    journal = state.journal
    if wanted.mode != "planned" or not journal or journal.finished or journal.mode == "planned":
        return []
    text = f"An emergency failover to {journal.target} is not finished: run again with mode=emergency."
    return _wrong("journal", [text])


def _both_regions(state: State) -> t.Iterator[str]:
    """A planned failover needs the region it leaves."""
    for copy in state.copies:
        if copy.status != "present":
            yield f"The region record of {copy.region} is {copy.status}{f' ({copy.error})' if copy.error else ''}."
        elif copy.record != state.record:
            yield f"The copies of the region record differ: heal them first, with the module region_record ({copy.region})."
    source = state.source
    if source is None or source.instance_error or source.server_error:
        why = (source.instance_error or source.server_error) if source else "nothing is known of it"
        yield f"The writer does not answer: {why} If its region is lost: mode=emergency, which may lose what was not replicated."
    elif source.instance is None:
        yield f"The writer {source.identifier} in {source.region} does not exist."
    elif source.instance.status not in ("available", "backing-up", "storage-optimization"):
        yield f"The writer {source.identifier} is {source.instance.status}: wait until it is available."
    elif source.server and source.server.read_only:
        yield f"The writer {source.identifier} takes no writes: it is fenced, or a replica."
    elif source.server and not source.server.beat:
        yield "The writer has no heartbeat, so lag can't be measured: run role database, or the module rds_heartbeat."


def target_problems(target: Side, max_lag_ms: float | None) -> t.Iterator[str]:
    """Why a replica is not ready to be promoted; without ``max_lag_ms`` what a lost source explains is let pass."""
    name, instance, server = f"{target.identifier} in {target.region}", target.instance, target.server
    if target.instance_error or target.server_error:
        yield f"{name} can't be read: {target.instance_error or target.server_error}"
        return
    if instance is None or server is None:
        yield f"There is no replica {name}. Make one with the playbook db_rebuild_replica.yml."
        return
    if not instance.source:
        yield f"{name} is no read replica. Rebuild it with the playbook db_rebuild_replica.yml."
    # RDS promotes no replica while it is backed up.
    if instance.status not in ("available", "storage-optimization"):
        yield f"{name} is {instance.status}: wait until it is available."
    if instance.read_only not in (None, "{TrueIfReplica}", "0", "OFF"):
        yield (
            f"The parameter group {instance.parameter_group} sets read_only to {instance.read_only}, so that {name} would take no "
            "writes. Reset the parameter."
        )
    if max_lag_ms is None or not instance.source:
        return
    for problem in server.problems:
        yield f"{name}: {problem}. Look into its error log."
