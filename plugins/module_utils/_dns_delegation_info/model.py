# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Judge from public DNS whether a hosted zone is delegated. Pure functions, no network."""

from __future__ import annotations

import dataclasses
import typing as t

NO_ZONE, DELEGATED, NOT_DELEGATED, ELSEWHERE, PARTLY, UNKNOWN = (
    "no_zone",
    "delegated",
    "not_delegated",
    "delegated_elsewhere",
    "partly_delegated",
    "unknown",
)


@dataclasses.dataclass(frozen=True)
class Heard:
    """A resolver's response to the question for a name's NS records: the servers, or why there are none."""

    servers: tuple[str, ...] = ()
    reason: str = ""
    asked: bool = True  # False where no resolver answered at all


def judge(zone_servers: t.Collection[str] | None, heard: Heard) -> str:
    """Return the status; `zone_servers` are those that the parent has to name, None where there is no zone."""
    if zone_servers is None:
        return NO_ZONE
    if not heard.asked:
        return UNKNOWN
    wanted, found = set(zone_servers), set(heard.servers)
    if not found:
        return NOT_DELEGATED
    if found == wanted:
        return DELEGATED
    return PARTLY if found & wanted else ELSEWHERE


def explain(domain: str, zone_servers: t.Collection[str] | None, heard: Heard) -> str:
    """Explain the status, and what to do."""
    status = judge(zone_servers, heard)
    servers = ", ".join(sorted(zone_servers or ()))
    told = (
        f"At the registrar of {domain}, or in the zone above it, set the name servers of {domain} to exactly these: {servers}. "
        "A change there can take hours to take effect."
    )
    found = ", ".join(sorted(heard.servers))
    return {
        NO_ZONE: f"There is no public hosted zone {domain} yet. Once it is made, the registrar has to name its servers.",
        DELEGATED: f"{domain} is delegated to its hosted zone.",
        UNKNOWN: f"Whether {domain} is delegated is not known: {heard.reason}",
        NOT_DELEGATED: f"{domain} is not delegated: public DNS names no servers for it ({heard.reason}). {told}",
        ELSEWHERE: f"{domain} is delegated to other name servers than its hosted zone's: {found}. {told}",
        PARTLY: f"{domain} is delegated only in part to its hosted zone: public DNS names {found}. {told}",
    }[status]
