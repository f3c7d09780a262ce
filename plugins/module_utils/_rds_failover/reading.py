# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Reads all that a plan is made of. A region that doesn't answer is asked once, and not again."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.actors import Actors
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.journal import Journal
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.model import Side, State, Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_record.model import Copy, Record, winner

_LOST = "its region's API does not answer"


def read(wanted: Wanted, actors: Actors) -> State:
    """The record, the journals and both instances as they are now."""
    copies = actors.records(actors.regions).read()
    silent = {copy.region for copy in copies if copy.status == "unreadable"}
    record = winner(copies)
    journals = _journals(actors, copies, silent, wanted.target_region)
    mine = journals.get(wanted.target_region)
    foreign = next(
        (item for region, item in journals.items() if region != wanted.target_region and not item.finished), None
    )
    return State(
        copies=tuple(copies),
        record=record,
        journal=mine,
        foreign=foreign,
        source=_source(wanted, actors, record, mine, silent),
        target=_side(wanted, actors, wanted.target_region, None, lost=False),
    )


def _journals(actors: Actors, copies: t.Sequence[Copy], silent: set[str], target: str) -> dict[str, Journal]:
    """Of every region that answers; the one of the region gone to must."""
    found = {}
    for copy in copies:
        if copy.status == "no_table" or (copy.region in silent and copy.region != target):
            continue
        journal = actors.journals(copy.region).read()
        if journal:
            found[copy.region] = journal
    return found


def _source(
    wanted: Wanted, actors: Actors, record: Record | None, journal: Journal | None, silent: set[str]
) -> Side | None:
    """The instance that is left: the writer of the record or, in a failover that was begun, of the journal."""
    if journal and not journal.finished:
        region, endpoint = journal.source.region, journal.source.endpoint
    elif record and record.active_region != wanted.target_region and record.active_region in wanted.instances:
        region, endpoint = record.active_region, record.writer_endpoint
    else:
        return None
    return _side(wanted, actors, region, endpoint, lost=region in silent)


def _side(wanted: Wanted, actors: Actors, region: str, endpoint: str | None, *, lost: bool) -> Side:
    identifier = wanted.identifier(region)
    if lost:
        return Side(region, identifier, instance_error=f"{_LOST}.", server_error=f"{_LOST}.")
    try:
        instance = actors.rds(region).read()
    except PlatformError as error:
        if region == wanted.target_region:
            raise
        return Side(region, identifier, instance_error=str(error), server_error=str(error))
    host = endpoint or (instance.endpoint if instance else "")
    if not instance or not host or instance.status in ("creating", "deleting", "stopped"):
        return Side(region, identifier, instance)
    try:
        return Side(region, identifier, instance, server=actors.engine(region, host).replication())
    except PlatformError as error:
        return Side(region, identifier, instance, server_error=str(error))
