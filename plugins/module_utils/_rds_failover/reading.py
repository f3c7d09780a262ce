# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read all that a plan is made from. A region that doesn't answer is not asked again."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.dependencies import Dependencies
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.journal import Journal
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.model import Side, State, Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.model import region_of
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_record.model import Copy, Record, winner

BEFORE_THE_FIRST = 0

_LOST = "its region's API does not answer"


def read(wanted: Wanted, dependencies: Dependencies) -> State:
    """Read the region record, the journals and both instances."""
    copies = dependencies.records(dependencies.regions).read()
    silent = {copy.region for copy in copies if copy.status == "unreadable"}
    record = winner(copies) or _found_record(wanted, dependencies, copies)
    journals = _journals(dependencies, copies, silent, wanted.target_region)
    mine = journals.get(wanted.target_region)
    foreign = next(
        (item for region, item in journals.items() if region != wanted.target_region and not item.finished), None
    )
    return State(
        copies=tuple(copies),
        record=record,
        journal=mine,
        foreign=foreign,
        source=_source(wanted, dependencies, record, mine, silent),
        target=_side(wanted, dependencies, wanted.target_region, None, lost=False),
    )


def _found_record(wanted: Wanted, dependencies: Dependencies, copies: t.Sequence[Copy]) -> Record | None:
    """Return where a dedicated instance's writer is, as RDS says in the target region: its first failover finds no record."""
    if not wanted.name or any(copy.status == "no_table" for copy in copies):
        return None
    found = dependencies.rds(wanted.target_region).read()
    if found is None:
        return None
    region = region_of(found.source) if found.source else wanted.target_region
    if region not in wanted.instances:
        return None
    endpoint = found.endpoint
    if region != wanted.target_region:
        try:
            source = dependencies.rds(region).read()
            endpoint = source.endpoint if source else ""
        except PlatformError:
            endpoint = ""  # the region is lost
    return Record(BEFORE_THE_FIRST, region, endpoint, "", "read from RDS", None)


def _journals(
    dependencies: Dependencies, copies: t.Sequence[Copy], silent: set[str], target: str
) -> dict[str, Journal]:
    """Read the journal of every region that answers; the target region must."""
    found = {}
    for copy in copies:
        if copy.status == "no_table" or (copy.region in silent and copy.region != target):
            continue
        journal = dependencies.journals(copy.region).read()
        if journal:
            found[copy.region] = journal
    return found


def _source(
    wanted: Wanted, dependencies: Dependencies, record: Record | None, journal: Journal | None, silent: set[str]
) -> Side | None:
    """Read the instance that is left: the writer in the region record or, in a failover that was begun, in the journal."""
    if journal and not journal.finished:
        region, endpoint = journal.source.region, journal.source.endpoint
    elif record and record.active_region != wanted.target_region and record.active_region in wanted.instances:
        region, endpoint = record.active_region, record.writer_endpoint
    else:
        return None
    return _side(wanted, dependencies, region, endpoint, lost=region in silent)


def _side(wanted: Wanted, dependencies: Dependencies, region: str, endpoint: str | None, *, lost: bool) -> Side:
    identifier = wanted.identifier(region)
    if lost:
        return Side(region, identifier, instance_error=f"{_LOST}.", server_error=f"{_LOST}.")
    try:
        instance = dependencies.rds(region).read()
    except PlatformError as error:
        if region == wanted.target_region:
            raise
        return Side(region, identifier, instance_error=str(error), server_error=str(error))
    host = endpoint or (instance.endpoint if instance else "")
    if not instance or not host or instance.status in ("creating", "deleting", "stopped"):
        return Side(region, identifier, instance)
    try:
        return Side(region, identifier, instance, server=dependencies.engine(region, host).replication())
    except PlatformError as error:
        return Side(region, identifier, instance, server_error=str(error))
