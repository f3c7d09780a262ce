# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Model the replication of automated backups, and plan its changes. Pure functions, no client."""

from __future__ import annotations

import collections
import dataclasses
import re
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Finding
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

_ARN = re.compile(r"arn:aws[a-z-]*:rds:([a-z0-9-]+):\d{12}:db:[a-z][a-z0-9-]*")

# The states of a running replication; others are left over from one that was stopped.
_LIVE = ("active", "pending", "replicating")


@dataclasses.dataclass(frozen=True)
class Wanted:
    """An entry of O(replications). ``kms_key_arn`` is None where the source isn't encrypted."""

    source_arn: str
    retention_days: int
    kms_key_arn: str | None


@dataclasses.dataclass(frozen=True)
class Replication:
    """A replication as RDS describes it in the region that the backups are copied to."""

    source_arn: str
    arn: str
    retention_days: int
    kms_key_arn: str | None
    status: str

    @property
    def live(self) -> bool:
        """Return whether it is running."""
        return self.status in _LIVE

    def as_dict(self) -> dict[str, t.Any]:
        """Return it for the result."""
        return dataclasses.asdict(self)


def check(entries: t.Sequence[Wanted], region: str) -> list[Finding]:
    """Find what is wrong with the entries by themselves; ``region`` is where the backups are copied to."""
    findings = []
    for entry in entries:
        matched = _ARN.fullmatch(entry.source_arn)
        if not matched:
            text = f"{entry.source_arn} is no ARN of a DB instance, such as arn:aws:rds:me-west-1:111122223333:db:name."
            findings.append(Finding("wrong", entry.source_arn, text))
        elif matched[1] == region:
            text = (
                f"{entry.source_arn} is in {region} itself. Fix: run this in the region that the backups are copied to."
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
    """Plan the changes. RDS changes neither retention nor key of a replication: it has to be stopped and started."""
    live = {item.source_arn: item for item in current if item.live}
    changes: list[Change] = []
    for entry in entries:
        found = live.get(entry.source_arn)
        before = {"retention_days": found.retention_days, "kms_key_arn": found.kms_key_arn} if found else None
        after = {"retention_days": entry.retention_days, "kms_key_arn": entry.kms_key_arn}
        if absent:
            if found:
                changes.append(_change("delete", entry, before, None))
        elif not found:
            changes.append(_change("create", entry, None, after))
        elif before != after:
            changes.append(_change("replace", entry, before, after))
    return changes


def _change(action: str, entry: Wanted, before: t.Any, after: t.Any) -> Change:
    kind = "replication of the automated backups"
    return Change(action, kind, entry.source_arn, before, after, title=f"{kind} of {entry.source_arn}")
