# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Find what would keep a replication from working, before the first change. Pure functions, no client."""

from __future__ import annotations

import collections
import dataclasses
import re
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Finding
from ansible_collections.knowledgecity.platform.plugins.module_utils._s3_replication.model import (
    Configuration,
    Replication,
    by_bucket,
    wanted_configuration,
)

MAX_RULES = 1000
_KEY_ARN = re.compile(r"arn:[a-z-]+:kms:([a-z0-9-]+):\d{12}:(key|alias)/.+")
_KMS = {"aws:kms", "aws:kms:dsse"}


@dataclasses.dataclass(frozen=True)
class Source:
    """A source bucket that is to change, as it was read. `encryption` is the bucket's default."""

    versioning: str | None
    encryption: str | None


@dataclasses.dataclass(frozen=True)
class Destination:
    """An entry's destination, as it was read.

    `status` is `present`, `absent`, `unreachable` (its region does not answer) or `refused`; see `error`.
    """

    status: str
    versioning: str | None = None
    region: str | None = None
    key_state: str | None = None
    error: str | None = None


def check_entries(replications: t.Sequence[Replication]) -> list[Finding]:
    """Check the entries by themselves."""
    texts: list[tuple[str, str]] = []
    for entry in replications:
        name = f"{entry.bucket} to {entry.destination_bucket}"
        texts += [(entry.bucket, f"{name}: {text}") for text in _check_entry(entry)]
    for bucket, entries in by_bucket(replications).items():
        texts += [(bucket, f"{bucket}: {text}") for text in _check_bucket(entries)]
    return [Finding("wrong", bucket, text) for bucket, text in texts]


def _check_entry(entry: Replication) -> t.Iterator[str]:
    if entry.bucket == entry.destination_bucket:
        yield "a bucket can't replicate to itself."
    if not entry.role_arn:
        yield "no role: set O(role_arn), or O(replications[].role_arn)."
    if entry.replication_time_control and not entry.metrics:
        yield "O(replications[].replication_time_control) needs O(replications[].metrics)."
    if not entry.destination_kms_key:
        return
    if not entry.replicate_encrypted:
        yield "O(replications[].destination_kms_key) has no effect without O(replications[].replicate_encrypted)."
    found = _KEY_ARN.fullmatch(entry.destination_kms_key)
    if not found:
        yield f"O(replications[].destination_kms_key) {entry.destination_kms_key} is no ARN of a KMS key or alias."
    elif found[1] != entry.destination_region:
        yield (
            f"O(replications[].destination_kms_key) is in {found[1]}, but must be in the destination's region "
            f"{entry.destination_region}."
        )


def _check_bucket(entries: t.Sequence[Replication]) -> t.Iterator[str]:
    roles = sorted({entry.role_arn for entry in entries if entry.role_arn})
    if len(roles) > 1:
        yield f"a bucket has one replication role, these entries name several: {', '.join(roles)}."
    targets = collections.Counter((entry.destination_bucket, prefix) for entry in entries for prefix in entry.prefixes)
    for (destination, prefix), count in targets.items():
        if count > 1:
            yield f"prefix {prefix!r} to {destination} is stated {count} times."


def check_configuration(entries: t.Sequence[Replication], current: Configuration, *, purge: bool) -> list[Finding]:
    """Check a bucket's rules together."""
    wanted = wanted_configuration(entries, current, purge=purge, present=True) or {"Rules": []}
    bucket = entries[0].bucket
    findings = []
    priorities = collections.Counter(rule["Priority"] for rule in wanted["Rules"])
    for priority in sorted(number for number, count in priorities.items() if count > 1):
        names = ", ".join(rule["ID"] for rule in wanted["Rules"] if rule["Priority"] == priority)
        findings.append(Finding("wrong", bucket, f"{bucket}: several rules have the priority {priority}: {names}."))
    if len(wanted["Rules"]) > MAX_RULES:
        findings.append(Finding("wrong", bucket, f"{bucket}: {len(wanted['Rules'])} rules, S3 takes {MAX_RULES}."))
    return findings


def check_source(bucket: str, source: Source | None, entries: t.Sequence[Replication], region: str) -> list[Finding]:
    """Check a source bucket; None where it does not exist."""
    if source is None:
        return [Finding("not_yet", bucket, f"The source bucket {bucket} does not exist in {region}.")]
    findings = []
    if source.versioning != "Enabled":
        text = (
            f"The source bucket {bucket} in {region} needs versioning, which is {source.versioning or 'not enabled'}."
        )
        findings.append(Finding("not_yet", bucket, text))
    if source.encryption in _KMS:
        findings += [
            Finding(
                "wrong",
                bucket,
                f"{bucket} to {entry.destination_bucket}: the source bucket encrypts with {source.encryption}, and S3 "
                "leaves such objects out without O(replications[].destination_kms_key). Set it, or accept that with "
                "O(replications[].replicate_encrypted=false).",
            )
            for entry in entries
            if entry.replicate_encrypted and not entry.destination_kms_key
        ]
    return findings


def check_destination(entry: Replication, destination: Destination) -> list[Finding]:
    """Check an entry's destination."""
    name = f"The destination bucket {entry.destination_bucket} in {entry.destination_region}"
    if destination.status == "unreachable":
        text = f"{entry.destination_region} can't be reached to read the destination bucket {entry.destination_bucket}"
        return [Finding("unreachable", entry.bucket, f"{text}: {destination.error}")]
    if destination.status == "refused":
        return [Finding("wrong", entry.bucket, f"{name} can't be read: {destination.error}")]
    if destination.status == "absent":
        return [Finding("not_yet_elsewhere", entry.bucket, f"{name} does not exist.")]
    findings = []
    if destination.region and destination.region != entry.destination_region:
        findings.append(Finding("wrong", entry.bucket, f"{name} is really in {destination.region}."))
    if destination.versioning != "Enabled":
        text = f"{name} needs versioning, which is {destination.versioning or 'not enabled'}."
        findings.append(Finding("not_yet", entry.bucket, text))
    key = f"The key {entry.destination_kms_key} of the destination bucket {entry.destination_bucket}"
    if destination.key_state == "absent":
        findings.append(Finding("not_yet", entry.bucket, f"{key} does not exist."))
    elif destination.key_state not in (None, "Enabled"):
        findings.append(Finding("wrong", entry.bucket, f"{key} is {destination.key_state}, and must be enabled."))
    return findings
