# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Plan the secret of a master user."""

from __future__ import annotations

import dataclasses

from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_master_secret.model import (
    Secret,
    State,
    Wanted,
    check,
    plan,
    plan_absent,
)

_WANTED = Wanted("p/master", "main", "admin", None, {"eu-central-1": None}, {"tier": "database"}, rotate=False)
_SECRET = Secret("arn", "v1", False, "me-west-1", frozenset({"eu-central-1"}), {"tier": "database"})
_STATE = State(_SECRET, "arn:db", "available", "admin", "v1", is_replica=False)


def _actions(wanted: Wanted = _WANTED, state: State = _STATE, rotated: bool = False) -> list[str]:
    return [step.action for step in plan(wanted, state, rotated)]


def test_what_is_as_wanted_needs_nothing():
    assert _actions() == []


def test_the_password_is_in_the_secret_before_it_is_set():
    assert _actions(state=dataclasses.replace(_STATE, secret=None, applied=None)) == ["create", "create", "set"]


def test_a_run_that_was_cut_off_is_completed():
    assert _actions(state=dataclasses.replace(_STATE, applied=None)) == ["set"]


def test_a_rotation_is_done_once():
    wanted = dataclasses.replace(_WANTED, rotate=True)
    assert _actions(wanted) == ["rotate", "set"]
    assert _actions(wanted, rotated=True) == []


def test_a_secret_that_is_pending_deletion_is_restored_and_not_deleted_again():
    pending_deletion = dataclasses.replace(
        _STATE, secret=dataclasses.replace(_SECRET, pending_deletion=True, replicas=frozenset())
    )
    assert _actions(state=pending_deletion) == ["restore", "create"]
    assert plan_absent(_WANTED, pending_deletion) == []
    assert [step.region for step in plan_absent(_WANTED, _STATE)] == ["eu-central-1", None]


def test_a_secret_that_is_pending_deletion_elsewhere_is_replaced():
    """As after a failover and a destruction: the primary secret was in another region."""
    there = dataclasses.replace(
        _STATE, secret=None, applied=None, pending_deletion_elsewhere=frozenset({"eu-central-1"})
    )
    assert _actions(state=there) == ["create", "replace", "set"]


def test_what_can_not_work_is_found():
    def texts(state: State, wanted: Wanted = _WANTED, region: str = "me-west-1") -> str:
        return " ".join(finding.text for finding in check(wanted, state, region))

    assert texts(_STATE) == ""
    assert "no DB instance" in texts(dataclasses.replace(_STATE, instance_arn=None))
    assert "read replica" in texts(dataclasses.replace(_STATE, is_replica=True))
    assert "not admin" in texts(dataclasses.replace(_STATE, master_username="root"))
    assert "read-only" in texts(_STATE, region="us-east-1")
    assert "its own region" in texts(_STATE, dataclasses.replace(_WANTED, replicas={"me-west-1": None}))
