# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Plan the replication of automated backups."""

from __future__ import annotations

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_backup_replication.model import (
    Replication,
    Wanted,
    check,
    plan,
)

_SOURCE = "arn:aws:rds:me-west-1:111122223333:db:main"
_WANTED = Wanted(_SOURCE, 7, "arn:key")


def _found(status: str = "replicating", days: int = 7) -> Replication:
    return Replication(_SOURCE, "arn:backup", days, "arn:key", status)


@pytest.mark.parametrize(
    ("found", "absent", "actions"),
    [
        ([], False, ["create"]),
        ([_found()], False, []),
        ([_found("pending")], False, []),
        ([_found("retained")], False, ["create"]),
        ([_found(days=3)], False, ["replace"]),
        ([_found()], True, ["delete"]),
        ([_found("retained")], True, []),
    ],
)
def test_plan(found, absent, actions):
    assert [step.action for step in plan([_WANTED], found, absent=absent)] == actions


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([Wanted("main", 7, None)], "no ARN"),
        ([Wanted(_SOURCE.replace("me-west-1", "eu-central-1"), 7, None)], "eu-central-1 itself"),
        ([Wanted(_SOURCE, 0, None)], "1 to 35"),
        ([_WANTED, _WANTED], "stated 2 times"),
    ],
)
def test_wrong_entries_are_found(entries, words):
    assert any(words in finding.text for finding in check(entries, "eu-central-1"))
