# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Compare certificates and validation records as wanted and as AWS holds them, and plan the changes. Pure functions.

ACM derives a validation record from account and domain: one CNAME serves every region, and a wildcard shares it with its apex.
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
    """Return the domain whose validation record proves a name: a wildcard's apex, else the name itself."""
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
        """Make certificates of an entry of O(certificates), one for each region."""
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
        """Name the certificate in plans and messages."""
        key = "" if self.key_algorithm == DEFAULT_KEY_ALGORITHM else f" ({self.key_algorithm})"
        return f"certificate of {self.domain_name} in {self.region}{key}"

    @property
    def bases(self) -> list[str]:
        """Return the domains that have to be validated."""
        return sorted({base_of(name) for name in self.names})

    def identity(self, options: Options) -> dict[str, str]:
        """Return the tags that a certificate of ours has."""
        return {key: value for key, value in (self.tags or {}).items() if key in options.match_tags}

    def token(self, options: Options, earlier: str = "") -> str:
        """Return the idempotency token: the same after an interrupted run, another one where it led to an unusable `earlier`."""
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
    # Imported certificates and those that are validated by mail have no validation records, and never get any.
    by_dns: bool = True

    @property
    def bases(self) -> set[str]:
        """Return the domains that it is validated by."""
        return {base_of(name) for name in self.names}


@dataclasses.dataclass(frozen=True)
class Hosted:
    """The hosted zones of a name or ID; record sets are read where it is exactly one public zone."""

    zones: tuple[Zone, ...] = ()
    record_sets: tuple[RecordSet, ...] = ()

    @property
    def zone(self) -> Zone | None:
        """Return the public zone, where there is exactly one."""
        public = [zone for zone in self.zones if not zone.private]
        return public[0] if len(public) == 1 else None

    def at(self, name: str) -> list[RecordSet]:
        """Return the record sets of a name."""
        return [record for record in self.record_sets if record.name == name]

    def holds_some_record_of(self, base: str) -> bool:
        """Tell whether there is a validation record for the domain, of whatever account."""
        for record in self.record_sets:
            found = _VALIDATION_NAME.fullmatch(record.name.rstrip("."))
            right_kind = record.type == "CNAME" and record.values and record.values[0].endswith(_VALIDATION_DOMAIN)
            if found and found[1] == base and right_kind:
                return True
        return False


@dataclasses.dataclass(frozen=True)
class Current:
    """What was read: certificates of all regions, zones by the name or ID asked for, regions that don't answer."""

    certificates: tuple[Certificate, ...] = ()
    hosted: t.Mapping[str, Hosted] = dataclasses.field(default_factory=dict)
    unreachable: t.Mapping[str, str] = dataclasses.field(default_factory=dict)

    def record_of(self, base: str) -> RecordSet | None:
        """Return the validation record of a domain, where any usable certificate knows it."""
        return next(
            (item.records[base] for item in self.certificates if item.status in USABLE and base in item.records), None
        )


def is_ours(wanted: Wanted, certificate: Certificate, options: Options) -> bool:
    """Tell whether a certificate of the entry's domain in its region was requested as ours are, and has the tags of ours."""
    return (
        certificate.by_dns
        and certificate.region == wanted.region
        and certificate.domain_name == wanted.domain_name
        and wanted.identity(options).items() <= certificate.tags.items()
    )


def find(wanted: Wanted, current: Current, options: Options) -> Certificate | None:
    """Find the certificate of an entry: ours, usable, for the same names; the one in use, or issued, before another."""
    fitting = [
        item
        for item in current.certificates
        if is_ours(wanted, item, options)
        and item.status in USABLE
        and item.names == wanted.names
        and item.key_algorithm == wanted.key_algorithm
    ]
    return min(fitting, key=lambda item: (not item.in_use_by, item.status != ISSUED, item.arn), default=None)


@dataclasses.dataclass(frozen=True)
class TagWork:
    """The tags to set and to remove of a certificate."""

    certificate: Certificate
    to_set: dict[str, str]
    to_remove: tuple[str, ...]


def plan_certificate(wanted: Wanted, current: Current, options: Options) -> list[Change]:
    """Plan what an entry needs of ACM."""
    certificate = find(wanted, current, options)
    if certificate is None:
        after = {"Names": list(wanted.names), "KeyAlgorithm": wanted.key_algorithm, "Tags": dict(wanted.tags or {})}
        return [_certificate_change("create", wanted.name, wanted.region, None, after, wanted)]
    if wanted.tags is None:
        return []
    to_set, to_remove = compare_aws_tags(certificate.tags, wanted.tags, options.purge_tags)
    if not to_set and not to_remove:
        return []
    tags = {key: value for key, value in (dict(certificate.tags) | to_set).items() if key not in to_remove}
    work = TagWork(certificate, to_set, tuple(sorted(to_remove)))
    before, after = {"Tags": dict(certificate.tags)}, {"Tags": tags}
    return [_certificate_change("update", wanted.name, wanted.region, before, after, work)]


def _certificate_change(action: str, title: str, region: str, before: t.Any, after: t.Any, data: t.Any) -> Change:
    name = title.removeprefix("certificate ")
    return Change(action, "certificate", name, before, after, region, data=data)


def missing_bases(wanted: t.Iterable[Wanted], current: Current) -> dict[str, str]:
    """Return the domains without their validation record, each with its zone.

    While no certificate tells the record yet, one of the right kind is taken for it.
    """
    missing = {}
    for entry in wanted:
        hosted = current.hosted.get(entry.zone or "", Hosted())
        for base in entry.bases:
            record = current.record_of(base)
            held = hosted.at(record.name) if record else hosted.holds_some_record_of(base)
            if not held:
                missing[base] = entry.zone or ""
    return missing


def plan_records(wanted: t.Iterable[Wanted], current: Current) -> list[Change]:
    """Plan what the entries need of Route 53."""
    return [
        Change("create", "validation record", f"of {base}", None, {"Type": "CNAME", "Zone": zone}, data=(base, zone))
        for base, zone in sorted(missing_bases(wanted, current).items())
    ]


def to_delete(wanted: t.Iterable[Wanted], current: Current, options: Options) -> list[Certificate]:
    """Return the certificates to delete: ours for the entries' domains, in any state and with any further names, and unused."""
    entries = list(wanted)
    return [
        item
        for item in current.certificates
        if not item.in_use_by and any(is_ours(entry, item, options) for entry in entries)
    ]


def kept(wanted: t.Iterable[Wanted], current: Current, options: Options) -> list[Certificate]:
    """Return the certificates that would be deleted if nothing used them."""
    entries = list(wanted)
    return [
        item
        for item in current.certificates
        if item.in_use_by and any(is_ours(entry, item, options) for entry in entries)
    ]


def unneeded_records(
    wanted: t.Iterable[Wanted], current: Current, options: Options
) -> list[tuple[str, str, RecordSet]]:
    """Return the validation records that only certificates to delete need: domain, zone, and the zone's record set."""
    entries = list(wanted)
    deleted = to_delete(entries, current, options)
    needed = {
        base for item in current.certificates if item not in deleted and item.status in USABLE for base in item.bases
    }
    records = {base: record for item in deleted for base, record in item.records.items() if base not in needed}
    found = {}
    # In order: a zone may be given by its name and by its ID, and every run must report the same.
    for zone in dict.fromkeys(entry.zone for entry in entries if entry.zone):
        for base, record in records.items():
            for held in current.hosted.get(zone, Hosted()).at(record.name):
                if is_right(held, record):
                    found.setdefault(base, (base, zone, held))
    return [found[base] for base in sorted(found)]


def plan_absent(wanted: t.Sequence[Wanted], current: Current, options: Options) -> list[Change]:
    """Plan the removal: records before certificates, which alone know what their records are."""
    changes = [
        Change(
            "delete",
            "validation record",
            f"of {base}",
            {"Type": "CNAME", "Zone": zone},
            data=(current.hosted[zone].zone, record),
        )
        for base, zone, record in (unneeded_records(wanted, current, options) if options.validate else [])
    ]
    for item in to_delete(wanted, current, options):
        name = f"certificate of {item.domain_name} in {item.region} ({item.arn.rpartition('/')[2]})"
        before = {"Names": list(item.names), "Status": item.status}
        changes.append(_certificate_change("delete", name, item.region, before, None, item))
    return changes


def is_right(current: RecordSet, wanted: RecordSet) -> bool:
    """Tell whether a record set has the value that ACM asks for."""
    return current.type == "CNAME" and [absolute(value) for value in current.values] == list(wanted.values)
