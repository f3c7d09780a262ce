# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Find what would keep a replica from being created or removed, before the first change. Pure functions, no client."""

from __future__ import annotations

import collections
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Finding
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.uses import Use, told
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_replica_key.model import Observed, Wanted

_REPLICABLE = ("Enabled", "Disabled")
_MANAGEABLE = ("Creating", "Enabled", "Disabled", "PendingDeletion")


def check_entries(entries: t.Sequence[Wanted]) -> list[Finding]:
    """Check the entries by themselves."""
    findings = []
    for entry in entries:
        if entry.primary_region == entry.replica_region:
            findings.append(Finding("wrong", entry.name, f"{entry.name}: that is the primary's own region."))
        if entry.alias.startswith("alias/aws/"):
            findings.append(
                Finding("wrong", entry.name, f"{entry.name}: {entry.alias} is AWS's, choose another alias.")
            )
    for name, count in collections.Counter(entry.name for entry in entries).items():
        if count > 1:
            findings.append(Finding("wrong", name, f"{name} is stated {count} times."))
    for (alias, region), count in collections.Counter((entry.alias, entry.replica_region) for entry in entries).items():
        if count > 1:
            findings.append(Finding("wrong", alias, f"{alias} in {region} is stated for {count} replicas."))
    return findings


def check_present(entry: Wanted, observed: Observed) -> list[Finding]:
    """Check whether an entry's replica can be created or changed."""
    if observed.unreachable:
        return _unreachable(entry, observed)
    if observed.primary is None:
        text = f"{entry.name}: there is no key {entry.primary} in {entry.primary_region}."
        return [Finding("not_yet_elsewhere", entry.name, text)]
    texts = [*_check_primary(entry, observed), *_check_replica(entry, observed)]
    holder = observed.alias_key_id
    if holder is not None and holder != observed.primary.key_id:
        texts.append(
            f"{entry.alias} in {entry.replica_region} already refers to the key {holder}. "
            "Choose another alias, or remove that one."
        )
    return [Finding("wrong", entry.name, f"{entry.name}: {text}") for text in texts]


def check_absent(entry: Wanted, observed: Observed) -> list[Finding]:
    """Check whether an entry's replica may be removed."""
    if observed.unreachable:
        return _unreachable(entry, observed)
    if observed.replica is not None and observed.replica.role != "REPLICA":
        text = f"{entry.name}: {observed.replica.arn} is no replica. It is not changed."
        return [Finding("wrong", entry.name, text)]
    return []


def _unreachable(entry: Wanted, observed: Observed) -> list[Finding]:
    return [
        Finding("unreachable", entry.name, f"{entry.name}: the keys of {region} can't be read: {answer}")
        for region, answer in observed.unreachable
    ]


def _check_primary(entry: Wanted, observed: Observed) -> t.Iterator[str]:
    primary = observed.primary
    if primary.role is None:
        yield f"{primary.arn} is a single-Region key, and can't become a multi-Region key. Create a new key as one."
    elif primary.role == "REPLICA":
        yield f"{primary.arn} is itself a replica. Name its primary: {primary.primary_arn}."
    elif primary.state not in _REPLICABLE and (observed.replica is None or primary.state == "Updating"):
        yield f"{primary.arn} is {primary.state}, and can't be replicated. It must be enabled or disabled."
    elif primary.origin != "AWS_KMS":
        yield f"{primary.arn} has imported key material (origin {primary.origin}), which this module does not replicate."


def _check_replica(entry: Wanted, observed: Observed) -> t.Iterator[str]:
    if (
        observed.replica is not None
        and observed.replica.role == "REPLICA"
        and observed.replica.state not in _MANAGEABLE
    ):
        yield f"{observed.replica.arn} is {observed.replica.state}. Wait until that is over, and run again."


def check_unused(
    entries: t.Sequence[tuple[Wanted, Observed]], uses: t.Mapping[str, tuple[Use, ...]]
) -> t.Iterator[Finding]:
    """Check that nothing is under the replicas that are to be removed; `uses` is by their ARNs."""
    for entry, observed in entries:
        if observed.replica and uses.get(observed.replica.arn):
            yield Finding(
                "wrong",
                entry.name,
                f"{entry.name}: nobody in {entry.replica_region} could read what is under {observed.replica.arn} any more: "
                f"{told(uses[observed.replica.arn])}. Fix: remove that, or encrypt it under another key; or set O(in_use=keep) to "
                "leave the replica.",
            )
