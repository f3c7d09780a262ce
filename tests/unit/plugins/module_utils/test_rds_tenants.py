# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Plan what is done for a tenant, from what is wanted and what is there."""

from __future__ import annotations

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.model import (
    State,
    User,
    Wanted,
    check,
    plan,
    plan_secrets,
)


def _wanted(name: str = "acme", **options) -> Wanted:
    given = {
        "prefix": "tenant",
        "state": "present",
        "privileges": frozenset({"SELECT", "INSERT"}),
        "max_connections": 20,
        "max_queries_per_hour": 0,
        "password_lifetime_days": 0,
        "protected": False,
    }
    return Wanted(name=name, **given | options)


def _user(
    wanted: Wanted | None = None, version: str = "v1", two: bool = False, excess_rights: bool = False, **other
) -> User:
    return User((wanted or _wanted()).settings | other, version, two, excess_rights)


def _state(user: User | None = None, version: str | None = "v1", sessions: tuple[int, ...] = ()) -> State:
    return State(
        schemas=frozenset({"tenantacme"} if user else ()),
        users={"tenantacme": user} if user else {},
        sessions={"tenantacme": sessions} if sessions else {},
        secrets={"acme": version} if version else {},
    )


def _one(wanted: Wanted, state: State, rotate: str = "none", renewed=()):
    (step,) = plan([wanted], state, rotate, renewed)
    return step


def test_what_is_as_wanted_needs_nothing():
    assert plan([_wanted()], _state(_user()), "none") == []


def test_a_new_tenant_gets_its_secret_before_its_user():
    step = _one(_wanted(), _state(version=None))
    assert (step.action, step.data.secret, step.data.password, step.data.new_user, step.data.retain) == (
        "create",
        "create",
        True,
        True,
        False,
    )


def test_a_secret_that_is_ahead_of_the_user_is_followed():
    step = _one(_wanted(), _state(_user(version="v0")))
    assert (step.action, step.data.secret, step.data.password, step.data.retain) == ("update", "", True, True)


@pytest.mark.parametrize(
    "user",
    [
        _user(excess_rights=True),
        _user(privileges=["SELECT"]),
        _user(require_ssl=False),
        _user(max_connections=0),
        _user(locked=True),
    ],
)
def test_drift_is_an_update_without_a_password(user):
    step = _one(_wanted(), _state(user))
    assert (step.action, step.data.password, step.data.secret) == ("update", False, "")


def test_a_rotation_is_started_once():
    assert _one(_wanted(), _state(_user()), "start").action == "rotate"
    assert plan([_wanted()], _state(_user(two=True)), "start") == []
    assert plan([_wanted()], _state(_user()), "start", renewed={"acme"}) == []


def test_a_rotation_is_finished_only_where_one_was_started():
    assert _one(_wanted(), _state(_user(two=True)), "finish").data.discard
    assert plan([_wanted()], _state(_user()), "finish") == []


def test_sessions_of_a_locked_tenant_are_ended():
    locked = _wanted(state="locked")
    assert _one(locked, _state(_user(locked), sessions=(7, 8))).data.kill == (7, 8)
    assert plan([locked], _state(_user(locked)), "none") == []


def test_removal():
    absent = _wanted(state="absent")
    assert _one(absent, _state(_user())).action == "delete"
    assert plan([absent], _state(), "none") == []


def test_a_secret_goes_with_its_tenant_and_after_a_run_that_was_cut_off():
    gone = [_wanted(state="absent"), _wanted("b", state="absent"), _wanted("c")]
    assert [step.resource for step in plan_secrets(gone, {"acme": "v1", "c": "v1"})] == ["secret of tenant acme"]


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([_wanted("a_b")], "no name"),
        ([_wanted("a%b")], "no name"),
        ([_wanted("A")], "no name"),
        ([_wanted(prefix="kc_")], "no prefix"),
        ([_wanted("x" * 27)], "32 characters"),
        ([_wanted(privileges=frozenset({"FILE"}))], "FILE is no privilege"),
        ([_wanted(), _wanted()], "stated 2 times"),
        ([_wanted(state="absent")], "final_snapshot"),
        ([_wanted(state="absent", protected=True)], "protected"),
    ],
)
def test_wrong_entries_are_found(entries, words):
    assert any(words in finding.text for finding in check(entries, has_final_snapshot=False))


def test_sound_entries_are_not():
    assert check([_wanted(), _wanted("b", state="absent")], has_final_snapshot=True) == []
