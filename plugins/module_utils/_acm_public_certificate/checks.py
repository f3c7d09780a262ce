# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Find what would keep certificates from being requested, validated or deleted, before the first change. Pure functions."""

from __future__ import annotations

import collections
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._acm_public_certificate.model import (
    Current,
    Hosted,
    Options,
    Wanted,
    is_right,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Finding
from ansible_collections.knowledgecity.platform.plugins.module_utils._route53 import RecordSet, is_within


def findings(entries: t.Sequence[Wanted], current: Current, options: Options) -> list[Finding]:
    """Return all findings."""
    found = [*_twice(entries), *_unreachable(entries, current)]
    if options.validate and options.present:
        found += [item for entry in entries for item in _zone(entry, current)]
        found += _conflicts(entries, current)
    elif options.validate:
        for name in dict.fromkeys(entry.zone for entry in entries if entry.zone):
            found += _ambiguous(name, name, current.hosted.get(name, Hosted()))
    return found


def conflict(record: RecordSet, held: t.Sequence[RecordSet], zone_name: str) -> str:
    """Describe a record that is there instead of the one that ACM asks for."""
    there = "; ".join(str(item) for item in held)
    return (
        f"The zone {zone_name} holds another record where ACM needs its own. Wanted: {record}. There: {there}. "
        "Fix: remove that record, or find out who needs it."
    )


def _twice(entries: t.Sequence[Wanted]) -> t.Iterator[Finding]:
    for name, count in collections.Counter(entry.name for entry in entries).items():
        if count > 1:
            yield Finding("wrong", name, f"The {name} is stated {count} times.")


def _unreachable(entries: t.Sequence[Wanted], current: Current) -> t.Iterator[Finding]:
    for entry in entries:
        if entry.region in current.unreachable:
            answer = current.unreachable[entry.region]
            text = f"The {entry.name}: the certificates of {entry.region} can't be read: {answer}"
            yield Finding("unreachable", entry.name, text)


def _zone(entry: Wanted, current: Current) -> t.Iterator[Finding]:
    subject = f"certificate of {entry.domain_name}"
    if not entry.zone:
        text = f"The {subject}: O(certificates[].validation_zone) is missing. With O(validate=false) none is needed."
        yield Finding("wrong", subject, text)
        return
    hosted = current.hosted.get(entry.zone, Hosted())
    if not hosted.zones:
        text = f"The {subject}: there is no hosted zone {entry.zone} in this account. Create it, or correct the name."
        yield Finding("not_yet", subject, text)
    elif not any(not zone.private for zone in hosted.zones):
        text = f"The {subject}: the hosted zone {entry.zone} is private, and ACM validates in public DNS. Name a public zone."
        yield Finding("wrong", subject, text)
    yield from _ambiguous(subject, entry.zone, hosted)
    zone_name = hosted.zone.name if hosted.zone else (entry.zone if "." in entry.zone else None)
    outside = [name for name in entry.names if zone_name and not is_within(name.removeprefix("*."), zone_name)]
    if outside:
        text = (
            f"The {subject}: {', '.join(outside)} is not in the zone {zone_name.rstrip('.')}, so its validation record can't be "
            "written there. Remove the name, or name its zone in an entry of its own."
        )
        yield Finding("wrong", subject, text)


def _ambiguous(subject: str, name: str, hosted: Hosted) -> t.Iterator[Finding]:
    public = [zone.zone_id for zone in hosted.zones if not zone.private]
    if len(public) > 1:
        text = (
            f"There are {len(public)} public hosted zones {name}: {', '.join(sorted(public))}. Public DNS uses the one that the "
            "registrar's NS records name. Remove the other, or name the zone by its ID."
        )
        yield Finding("wrong", subject, text)


def _conflicts(entries: t.Sequence[Wanted], current: Current) -> t.Iterator[Finding]:
    for entry in entries:
        hosted = current.hosted.get(entry.zone or "", Hosted())
        for base in entry.bases:
            record = current.record_of(base)
            held = hosted.at(record.name) if record else []
            if held and not any(is_right(item, record) for item in held):
                yield Finding("wrong", record.name, conflict(record, held, (entry.zone or "").rstrip(".")))
