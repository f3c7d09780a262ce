# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Find what would keep a key from being created or removed, before the first change. Pure functions, no client."""

from __future__ import annotations

import collections
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Finding
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.model import PENDING, Key
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.uses import told
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_keys.model import Observed, Wanted, to_keep

_MANAGEABLE = ("Enabled", "Disabled", "Creating", *PENDING)
_ROTATION_MIN, _ROTATION_MAX = 90, 2560


def check_entries(entries: t.Sequence[Wanted]) -> list[Finding]:
    """Check the entries by themselves."""
    findings = []
    for entry in entries:
        if entry.alias.startswith("alias/aws/"):
            findings.append(_wrong(entry, f"{entry.alias} is AWS's. Choose another alias."))
        if entry.rotation_days and not _ROTATION_MIN <= entry.rotation_days <= _ROTATION_MAX:
            findings.append(
                _wrong(
                    entry,
                    f"rotation_days is {entry.rotation_days}; KMS takes {_ROTATION_MIN} to {_ROTATION_MAX} days, "
                    "and 0 turns rotation off.",
                )
            )
    for alias, count in collections.Counter(entry.alias for entry in entries).items():
        if count > 1:
            findings.append(Finding("wrong", alias, f"{alias} is stated {count} times."))
    return findings


def check_present(entry: Wanted, observed: Observed) -> list[Finding]:
    """Check whether an entry's key can be created or changed."""
    return [_wrong(entry, text) for text in [*_check_owner(entry, observed), *_check_kind(entry, observed.key)]]


def check_absent(entry: Wanted, observed: Observed) -> list[Finding]:
    """Check whether an entry's key may be removed."""
    return [_wrong(entry, text) for text in _check_owner(entry, observed)]


def check_unused(entry: Wanted, observed: Observed) -> list[Finding]:
    """Check that nothing is under an entry's key."""
    return [
        _wrong(
            entry,
            f"nobody could read what is under {key.arn} any more: {told(observed.uses[key.arn])}. Fix: remove that, or encrypt it "
            "under another key; or set O(in_use=keep) to leave the key.",
        )
        for key in to_keep(observed)
    ]


def _wrong(entry: Wanted, text: str) -> Finding:
    return Finding("wrong", entry.name, f"{entry.name}: {text}")


def _check_owner(entry: Wanted, observed: Observed) -> t.Iterator[str]:
    if observed.holder is not None and not entry.owns(observed.holder.tags):
        tags = ", ".join(f"{name}={value}" for name, value in entry.identity.items())
        yield (
            f"{entry.alias} refers to {observed.holder.arn}, which does not have the tags {tags}: it is somebody else's, and "
            "is not changed. Choose another alias, remove that one, or give the key these tags to hand it over."
        )


def _check_kind(entry: Wanted, key: Key | None) -> t.Iterator[str]:
    if key is None:
        return
    if key.role == "REPLICA":
        yield f"{key.arn} is a replica of {key.primary_arn}. knowledgecity.platform.kms_replica_key manages those."
    elif entry.multi_region and key.role is None:
        yield f"{key.arn} is a single-Region key, and can't become a multi-Region key. Choose another alias for a new one."
    elif not entry.multi_region and key.role is not None:
        yield f"{key.arn} is a multi-Region key, and can't become a single-Region key. Choose another alias for a new one."
    if key.origin != "AWS_KMS" or key.spec != "SYMMETRIC_DEFAULT":
        yield f"{key.arn} is of another kind ({key.spec}, {key.origin}): KMS does not rotate such a key."
    if key.state not in _MANAGEABLE:
        yield f"{key.arn} is {key.state}. Wait until that is over, and run again."
