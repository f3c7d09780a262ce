# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Find what would keep failover records from being created, before the first change. Pure functions, no client."""

from __future__ import annotations

import collections
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Finding
from ansible_collections.knowledgecity.platform.plugins.module_utils._route53 import Zone, absolute, is_within
from ansible_collections.knowledgecity.platform.plugins.module_utils._route53_failover_records.model import (
    Current,
    Owner,
    Wanted,
)

_TARGETS_MAX = 2


def findings(
    entries: t.Sequence[Wanted], zone_name: str, zones: t.Sequence[Zone], current: Current, owner: Owner
) -> list[Finding]:
    """Return all findings. `zones` are the public ones of the zone's name or ID."""
    found = list(_zones(zone_name, zones, entries))
    name = zones[0].name if len(zones) == 1 else absolute(zone_name) if "." in zone_name else None
    for entry, count in collections.Counter(entry.name for entry in entries).items():
        if count > 1:
            found.append(Finding("wrong", entry, f"{entry.rstrip('.')} is stated {count} times."))
    for entry in entries:
        texts = [
            *_shape(entry),
            *(_place(entry, name) if name else ()),
            *(() if entry.name == name else _others(entry, current, owner)),
        ]
        found += [Finding("wrong", entry.name, f"{entry.name.rstrip('.')}: {text}") for text in texts]
    return found


def _zones(zone_name: str, zones: t.Sequence[Zone], entries: t.Sequence[Wanted]) -> t.Iterator[Finding]:
    if not zones and entries:
        yield Finding("not_yet", zone_name, f"There is no public hosted zone {zone_name} in this account.")
    if len(zones) > 1:
        listed = ", ".join(sorted(zone.zone_id for zone in zones))
        text = f"There are {len(zones)} public hosted zones {zone_name}: {listed}. Remove the others, or name it by its ID."
        yield Finding("wrong", zone_name, text)


def _shape(entry: Wanted) -> t.Iterator[str]:
    regions = [target.region for target in entry.targets]
    if not regions:
        yield "it has no targets. Name one for each region."
    if len(regions) > _TARGETS_MAX:
        yield f"it has {len(regions)} targets; a name fails over between {_TARGETS_MAX}."
    if len(set(regions)) != len(regions):
        yield f"it has two targets in one region ({', '.join(regions)})."


def _place(entry: Wanted, zone_name: str) -> t.Iterator[str]:
    if entry.name == zone_name:
        yield "it is the zone's apex, where DNS allows no CNAME. Take a name below it."
    elif not is_within(entry.name, zone_name):
        yield f"it is not in the zone {zone_name.rstrip('.')}."


def _others(entry: Wanted, current: Current, owner: Owner) -> t.Iterator[str]:
    others = [record for record in current.at(entry.name) if not owner.owns(record)]
    if others:
        there = "; ".join(str(record) for record in others)
        yield f"the zone has records of others under this name, beside which DNS allows no CNAME: {there}. Remove them first."
