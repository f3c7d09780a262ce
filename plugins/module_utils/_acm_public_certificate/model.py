# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Certificates and their validation records, as wanted and as AWS holds them, and the way between the two. Pure functions.

ACM makes a validation record of account and domain: one CNAME serves every region, and a wildcard shares it with its apex.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.tagging import compare_aws_tags
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._route53 import RecordSet, Zone, absolute

DEFAULT_KEY_ALGORITHM = "RSA_2048"
ISSUED, PENDING = "ISSUED", "PENDING_VALIDATION"
USABLE = (ISSUED, PENDING)
TTL = 300
_VALIDATION_NAME = re.compile(r"_[0-9a-f]{32}\.(.+)")
_VALIDATION_DOMAIN = ".acm-validations.aws."


def base_of(name: str) -> str:
    """The domain whose validation record proves a name: a wildcard's apex, else the name itself."""
    return name.removeprefix("*.")


@dataclasses.dataclass(frozen=True)
class Options:
    """The module's options that are about all certificates."""

    present: bool = True
    validate: bool = True
    purge_tags: bool = True
    match_tags: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Wanted:
    """A certificate in one region: an entry of O(certificates) and one of its regions."""

    domain_name: str
    names: tuple[str, ...]
    region: str
    key_algorithm: str = DEFAULT_KEY_ALGORITHM
    zone: str | None = None
    tags: t.Mapping[str, str] | None = None

    @classmethod
    def from_options(cls, options: dict[str, t.Any]) -> list[Wanted]:
        """An entry as the module got it, once for each region."""
        domain, *others = (
            absolute(name).rstrip(".") for name in [options["domain_name"], *options["subject_alternative_names"]]
        )
        tags = None if options["tags"] is None else {str(key): str(value) for key, value in options["tags"].items()}
        names = tuple(sorted({domain, *others}))
        return [
            cls(domain, names, region, options["key_algorithm"], options["validation_zone"], tags)
            for region in dict.fromkeys(options["regions"])
        ]

    @property
    def name(self) -> str:
        """What the certificate is called in plans and messages."""
        key = "" if self.key_algorithm == DEFAULT_KEY_ALGORITHM else f" ({self.key_algorithm})"
        return f"certificate of {self.domain_name} in {self.region}{key}"

    @property
    def bases(self) -> list[str]:
        """The domains that have to be validated."""
        return sorted({base_of(name) for name in self.names})

    def identity(self, options: Options) -> dict[str, str]:
        """The tags that a certificate of ours carries."""
        return {key: value for key, value in (self.tags or {}).items() if key in options.match_tags}

    def token(self, options: Options, earlier: str = "") -> str:
        """The idempotency token: the same for a run that was cut off, another one where it led to `earlier`, of no use."""
        parts = [
            *self.names,
            self.domain_name,
            self.region,
            self.key_algorithm,
            repr(sorted(self.identity(options).items())),
        ]
        return hashlib.sha256("|".join([*parts, earlier]).encode()).hexdigest()[:32]


@dataclasses.dataclass(frozen=True)
class Certificate:
    """A certificate as ACM describes it. `records` holds the validation records by domain, as far as they are known."""

    arn: str
    region: str
    status: str
    domain_name: str
    names: tuple[str, ...]
    key_algorithm: str = DEFAULT_KEY_ALGORITHM
    tags: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    in_use_by: tuple[str, ...] = ()
    records: t.Mapping[str, RecordSet] = dataclasses.field(default_factory=dict)
    failure_reason: str = ""

    @property
    def bases(self) -> set[str]:
        """The domains that it is validated by."""
        return {base_of(name) for name in self.names}


@dataclasses.dataclass(frozen=True)
class Hosted:
    """What was found for the name or ID of a hosted zone; record sets are read where it is exactly one public zone."""

    zones: tuple[Zone, ...] = ()
    record_sets: tuple[RecordSet, ...] = ()

    @property
    def zone(self) -> Zone | None:
        """The one public zone, where it is that."""
        public = [zone for zone in self.zones if not zone.private]
        return public[0] if len(public) == 1 else None

    def at(self, name: str) -> list[RecordSet]:
        """The record sets of a name."""
        return [record for record in self.record_sets if record.name == name]

    def holds_some_record_of(self, base: str) -> bool:
        """Whether there is a validation record for the domain, of whatever account."""
        for record in self.record_sets:
            found = _VALIDATION_NAME.fullmatch(record.name.rstrip("."))
            right_kind = record.type == "CNAME" and record.values and record.values[0].endswith(_VALIDATION_DOMAIN)
            if found and found[1] == base and right_kind:
                return True
        return False


@dataclasses.dataclass(frozen=True)
class World:
    """All that was read: certificates of all regions, zones by the name or ID they were asked for, regions that don't answer."""

    certificates: tuple[Certificate, ...] = ()
    hosted: t.Mapping[str, Hosted] = dataclasses.field(default_factory=dict)
    unreachable: t.Mapping[str, str] = dataclasses.field(default_factory=dict)

    def record_of(self, base: str) -> RecordSet | None:
        """The validation record of a domain, where any usable certificate knows it."""
        return next(
            (item.records[base] for item in self.certificates if item.status in USABLE and base in item.records), None
        )


def is_ours(wanted: Wanted, certificate: Certificate, options: Options) -> bool:
    """Whether a certificate of the entry's domain in its region carries the tags that make it ours."""
    return (
        certificate.region == wanted.region
        and certificate.domain_name == wanted.domain_name
        and wanted.identity(options).items() <= certificate.tags.items()
    )


def find(wanted: Wanted, world: World, options: Options) -> Certificate | None:
    """The certificate that an entry means: ours, usable, for the same names; the one in use, or issued, before another."""
    fitting = [
        item
        for item in world.certificates
        if is_ours(wanted, item, options)
        and item.status in USABLE
        and item.names == wanted.names
        and item.key_algorithm == wanted.key_algorithm
    ]
    return min(fitting, key=lambda item: (not item.in_use_by, item.status != ISSUED, item.arn), default=None)


def new_tags(wanted: Wanted, certificate: Certificate, options: Options) -> dict[str, str]:
    """The tags that a certificate is to have."""
    to_set, to_remove = compare_aws_tags(certificate.tags, wanted.tags, options.purge_tags)
    return {key: value for key, value in (dict(certificate.tags) | to_set).items() if key not in to_remove}


def plan_certificate(wanted: Wanted, world: World, options: Options) -> list[Change]:
    """What an entry needs of ACM."""
    certificate = find(wanted, world, options)
    if certificate is None:
        after = {"Names": list(wanted.names), "KeyAlgorithm": wanted.key_algorithm, "Tags": dict(wanted.tags or {})}
        return [Change("create", wanted.name, None, after, wanted.region)]
    if wanted.tags is not None and (tags := new_tags(wanted, certificate, options)) != certificate.tags:
        return [Change("update", wanted.name, {"Tags": dict(certificate.tags)}, {"Tags": tags}, wanted.region)]
    return []


def missing_bases(wanted: t.Iterable[Wanted], world: World) -> dict[str, str]:
    """The domains without their validation record, each with the zone where it belongs.

    Where no certificate tells the record yet, one of the right kind is taken for it.
    """
    missing = {}
    for entry in wanted:
        hosted = world.hosted.get(entry.zone or "", Hosted())
        for base in entry.bases:
            record = world.record_of(base)
            held = hosted.at(record.name) if record else hosted.holds_some_record_of(base)
            if not held:
                missing[base] = entry.zone or ""
    return missing


def plan_records(wanted: t.Iterable[Wanted], world: World) -> list[Change]:
    """What the entries need of Route 53."""
    return [
        Change("create", f"validation record of {base}", None, {"Type": "CNAME", "Zone": zone})
        for base, zone in sorted(missing_bases(wanted, world).items())
    ]


def doomed(wanted: t.Iterable[Wanted], world: World, options: Options) -> list[Certificate]:
    """The certificates to remove: ours for the entries' domains, whatever their state and further names, and used by nobody."""
    entries = list(wanted)
    return [
        item
        for item in world.certificates
        if not item.in_use_by and any(is_ours(entry, item, options) for entry in entries)
    ]


def kept(wanted: t.Iterable[Wanted], world: World, options: Options) -> list[Certificate]:
    """The certificates that would be removed if nobody used them."""
    entries = list(wanted)
    return [
        item
        for item in world.certificates
        if item.in_use_by and any(is_ours(entry, item, options) for entry in entries)
    ]


def unneeded_records(wanted: t.Iterable[Wanted], world: World, options: Options) -> list[tuple[str, str, RecordSet]]:
    """The validation records that only doomed certificates need: domain, zone, and the record set as the zone holds it."""
    entries = list(wanted)
    going = doomed(entries, world, options)
    needed = {base for item in world.certificates if item not in going and item.status in USABLE for base in item.bases}
    records = {base: record for item in going for base, record in item.records.items() if base not in needed}
    found = {}
    # In order: one zone may be named by its name and by its id, and every run must say the same.
    for zone in dict.fromkeys(entry.zone for entry in entries if entry.zone):
        for base, record in records.items():
            for current in world.hosted.get(zone, Hosted()).at(record.name):
                if is_right(current, record):
                    found.setdefault(base, (base, zone, current))
    return [found[base] for base in sorted(found)]


def plan_absent(wanted: t.Sequence[Wanted], world: World, options: Options) -> list[Change]:
    """What goes: records before certificates, which alone know what their records are."""
    changes = [
        Change("delete", f"validation record of {base}", {"Type": "CNAME", "Zone": zone}, None)
        for base, zone, _record in (unneeded_records(wanted, world, options) if options.validate else [])
    ]
    for item in doomed(wanted, world, options):
        name = f"certificate of {item.domain_name} in {item.region} ({item.arn.rpartition('/')[2]})"
        changes.append(Change("delete", name, {"Names": list(item.names), "Status": item.status}, None, item.region))
    return changes


def is_right(current: RecordSet, wanted: RecordSet) -> bool:
    """Whether a record set says what ACM wants to see."""
    return current.type == "CNAME" and [absolute(value) for value in current.values] == list(wanted.values)
