# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Replication of automated backups, as wanted and as RDS does it, and the way between the two. Pure functions, no client."""

from __future__ import annotations

import collections
import dataclasses
import re
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Finding
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

_ARN = re.compile(r"arn:aws[a-z-]*:rds:([a-z0-9-]+):\d{12}:db:[a-z][a-z0-9-]*")

# Of a source that is replicated at the moment; others are left over from one that was.
_LIVE = ("active", "pending", "replicating")


@dataclasses.dataclass(frozen=True)
class Wanted:
    """An entry of O(replications). ``kms_key_arn`` is None where the source isn't encrypted."""

    source_arn: str
    retention_days: int
    kms_key_arn: str | None

    @property
    def name(self) -> str:
        return f"replication of the automated backups of {self.source_arn}"


@dataclasses.dataclass(frozen=True)
class Replication:
    """One that RDS tells of, in the region that the backups are copied to."""

    source_arn: str
    arn: str
    retention_days: int
    kms_key_arn: str | None
    status: str

    @property
    def live(self) -> bool:
        return self.status in _LIVE

    def as_dict(self) -> dict[str, t.Any]:
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True)
class Step(Change):
    """A change, with what its execution needs."""

    wanted: Wanted | None = None


def check(entries: t.Sequence[Wanted], region: str) -> list[Finding]:
    """What the entries show by themselves; ``region`` is where the backups shall be copied to."""
    findings = []
    for entry in entries:
        matched = _ARN.fullmatch(entry.source_arn)
        if not matched:
            text = f"{entry.source_arn} is no ARN of a DB instance, such as arn:aws:rds:me-west-1:111122223333:db:name."
            findings.append(Finding("wrong", entry.source_arn, text))
        elif matched[1] == region:
            text = (
                f"{entry.source_arn} is in {region} itself: run this in the region that the backups shall be copied to."
            )
            findings.append(Finding("wrong", entry.source_arn, text))
        if not 1 <= entry.retention_days <= 35:
            text = f"{entry.source_arn}: backups are kept 1 to 35 days, not {entry.retention_days}."
            findings.append(Finding("wrong", entry.source_arn, text))
    for source, count in collections.Counter(entry.source_arn for entry in entries).items():
        if count > 1:
            findings.append(Finding("wrong", source, f"{source} is stated {count} times."))
    return findings


def plan(entries: t.Sequence[Wanted], current: t.Sequence[Replication], *, absent: bool) -> list[Change]:
    """The steps to what is wanted. RDS changes neither retention nor key of a replication: it is stopped and started."""
    live = {item.source_arn: item for item in current if item.live}
    steps: list[Change] = []
    for entry in entries:
        found = live.get(entry.source_arn)
        before = {"retention_days": found.retention_days, "kms_key_arn": found.kms_key_arn} if found else None
        after = {"retention_days": entry.retention_days, "kms_key_arn": entry.kms_key_arn}
        if absent:
            if found:
                steps.append(Step("delete", entry.name, before, None, wanted=entry))
        elif not found:
            steps.append(Step("create", entry.name, None, after, wanted=entry))
        elif before != after:
            steps.append(Step("replace", entry.name, before, after, wanted=entry))
    return steps
