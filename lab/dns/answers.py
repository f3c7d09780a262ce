# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Answer a question as a resolver does, from the hosted zones and the health of their records: pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from lab.dns.zones import RecordSet, Zone, Zones, absolute

NOERROR, SERVFAIL, NXDOMAIN = 0, 2, 3
_CNAMES_MAX = 8
_HOST_TTL = 60

Healthy = Callable[[str], bool]


@dataclass(frozen=True)
class Section:
    """One record set of an answer."""

    name: str
    type: str
    ttl: int
    values: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """A response code, and the record sets that go with it."""

    code: int
    sections: tuple[Section, ...] = ()


def answer(zones: Zones, name: str, kind: str, healthy: Healthy) -> Answer:
    """Follows CNAMEs as far as they lead through hosted zones."""
    found: list[Section] = []
    name = absolute(name)
    for _step in range(_CNAMES_MAX):
        part = _step_of(zones, name, kind, healthy)
        found += part.sections
        follows = part.sections and part.sections[0].type == "CNAME" and kind != "CNAME"
        if not follows:
            # A CNAME that leads out of the hosted zones is an answer by itself.
            return Answer(NOERROR if found else part.code, tuple(found))
        name = absolute(part.sections[0].values[0])
    return Answer(SERVFAIL)


def _step_of(zones: Zones, name: str, kind: str, healthy: Healthy) -> Answer:
    if address := zones.host(name):
        return Answer(NOERROR, (Section(name, "A", _HOST_TTL, (address,)),) if kind == "A" else ())
    zone = zones.authority(name)
    if zone is None:
        return Answer(NXDOMAIN)
    if cut := zone.cut(name):
        asks_the_parent = kind == "NS" and name == cut
        return Answer(NOERROR, _sections(zone.sets(cut, "NS"), name)) if asks_the_parent else Answer(SERVFAIL)
    candidates = _sets(zone, name)
    chosen = choose([item for item in candidates if item["Type"] == kind], healthy)
    chosen = chosen or choose([item for item in candidates if item["Type"] == "CNAME"], healthy)
    if chosen is None:
        is_there = candidates or any(item["Name"].endswith(f".{name}") for item in zone.records)
        return Answer(NOERROR if is_there else NXDOMAIN)
    if target := chosen.get("AliasTarget"):
        led_to = answer(zones, target["DNSName"], kind, healthy)
        return replace(
            led_to, sections=tuple(replace(item, name=name) for item in led_to.sections if item.type == kind)
        )
    return Answer(NOERROR, _sections([chosen], name))


def _sets(zone: Zone, name: str) -> list[RecordSet]:
    """Return the record sets of a name, or those of the wildcard that stands for it."""
    if (found := zone.sets(name)) or name == zone.name:
        return found
    return zone.sets(f"*.{name.partition('.')[2]}")


def _sections(sets: list[RecordSet], name: str) -> tuple[Section, ...]:
    return tuple(Section(name, item["Type"], int(item.get("TTL", 60)), tuple(item["ResourceRecords"])) for item in sets)


def choose(sets: list[RecordSet], healthy: Healthy) -> RecordSet | None:
    """Return the one to answer with, of several sets of one name and type.

    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-how-route-53-chooses-records.html
    """
    if not sets:
        return None
    primary_first = sorted(sets, key=lambda item: item.get("Failover") != "PRIMARY")
    sound = [item for item in primary_first if not item.get("HealthCheckId") or healthy(item["HealthCheckId"])]
    # Where none is healthy, Route 53 answers as if all were.
    return (sound or primary_first)[0]
