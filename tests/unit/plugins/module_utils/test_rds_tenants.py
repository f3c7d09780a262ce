# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Plan what is done for a tenant, from what is wanted and what is there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.checks import check, check_server
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.model import (
    State,
    User,
    Wanted,
    doubtful,
    plan,
    plan_secrets,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.statements import statements


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
    wanted: Wanted | None = None,
    version: str | None = "v1",
    two: bool = False,
    excess_rights: tuple[str, ...] = (),
    has_password: bool = True,
    **other,
) -> User:
    return User((wanted or _wanted()).settings | other, version, two, excess_rights, has_password)


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
        _user(excess_rights=("PROCESS ON *.*",)),
        _user(privileges=["SELECT"]),
        _user(require_ssl=False),
        _user(max_connections=0),
        _user(locked=True),
        _user(failed_login_attempts=10),
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


def _written(wanted: Wanted, state: State, rotate: str = "none") -> list[str]:
    task = _one(wanted, state, rotate).data
    return statements(task, {wanted.name: ("secret", "v1")}, lambda text: f"'{text}'")


def _verbs(lines: list[str]) -> list[str]:
    return [line.split()[0] for line in lines]


def test_what_lacks_is_granted_before_anything_is_revoked_and_each_by_itself():
    user = _user(privileges=["INSERT", "DROP"], excess_rights=("PROCESS ON *.*", "SELECT ON `tenantb`.*"))
    lines = _written(_wanted(), _state(user))
    assert lines[1:] == [
        "GRANT SELECT ON `tenantacme`.* TO `tenantacme`@`%`",
        "REVOKE DROP ON `tenantacme`.* FROM `tenantacme`@`%`",
        "REVOKE PROCESS ON *.* FROM `tenantacme`@`%`",
        "REVOKE SELECT ON `tenantb`.* FROM `tenantacme`@`%`",
    ]
    assert not any("ALL PRIVILEGES, GRANT OPTION" in line for line in lines)


def test_a_privilege_is_added_without_any_being_revoked():
    lines = _written(_wanted(), _state(_user(privileges=["INSERT"])))
    assert _verbs(lines) == ["ALTER", "GRANT"]


def test_trigger_is_granted_only_where_it_can_be_used_and_left_where_it_is_held():
    asked = _wanted(privileges=frozenset({"SELECT", "TRIGGER"}))
    refused = replace(_state(_user(privileges=["SELECT"])), triggers=False)
    assert plan([asked], refused, "none") == []
    assert _one(asked, replace(refused, triggers=True)).data.grant == ("TRIGGER",)
    held = replace(_state(_user(privileges=["SELECT", "TRIGGER"])), triggers=False)
    assert plan([asked], held, "none") == []


def test_a_grant_means_one_schema():
    """An underscore would stand for any character: https://dev.mysql.com/doc/refman/8.4/en/grant.html#grant-quoting."""
    adopted = _wanted(database="legacy_erp", username="erp")
    nothing = State(frozenset({"legacy_erp"}), {}, {}, {})
    assert "ON `legacy\\_erp`.* TO `erp`@`%`" in _written(adopted, nothing)[-1]
    assert "ON `legacy_erp`.* TO" in _written(adopted, replace(nothing, partial_revokes=True))[-1]


def test_what_exists_is_adopted_by_its_names_and_the_plan_says_what_changes():
    adopted = _wanted(database="legacy_erp", username="erp")
    user = _user(version=None, privileges=["SELECT", "DROP"], require_ssl=False, excess_rights=("PROCESS ON *.*",))
    state = State(frozenset({"legacy_erp"}), {"erp": user}, {}, {})
    change = _one(adopted, state)
    assert change.action == "adopt"
    assert change.before["privileges"] == ["SELECT", "DROP"]
    assert change.before["other_rights"] == ["PROCESS ON *.*"]
    assert change.before["require_ssl"] is False
    assert (change.before["schema"], change.before["user"]) == ("legacy_erp", "erp")
    assert change.after["privileges"] == ["INSERT", "SELECT"]
    assert (change.data.password, change.data.retain, change.data.new_schema) == (True, True, False)
    alone = _one(adopted, State(frozenset({"legacy_erp"}), {}, {}, {}))
    assert (alone.action, alone.before) == ("adopt", {"schema": "legacy_erp", "user": None})


def test_an_empty_password_can_not_be_retained():
    assert not _one(_wanted(), _state(_user(version=None, has_password=False))).data.retain


def test_two_passwords_and_a_third_in_the_secret_end_none_that_is_in_use():
    state = _state(_user(version="v0", two=True))
    (finding,) = check_server([_wanted()], state, "none", master="admin")
    assert "two passwords, and its secret holds a third" in finding.text
    assert check_server([_wanted()], state, "finish", master="admin") == []
    lines = _written(_wanted(), state, "finish")
    assert "DISCARD OLD PASSWORD" in lines[0]
    assert "RETAIN CURRENT PASSWORD" in lines[1]
    assert not [change for change in plan([_wanted()], state, "finish", {"acme"}) if change.data.discard]


@pytest.mark.parametrize(
    ("wanted", "state", "words"),
    [
        (
            _wanted(username="erp"),
            State(frozenset(), {}, {}, {}, other_hosts={"erp": ("10.0.%",)}),
            "for 10.0.% only",
        ),
        (_wanted(), _state(replace(_user(), plugin="AWSAuthenticationPlugin")), "authenticates by AWSAuth"),
        (_wanted(username="admin"), _state(), "master user"),
        (_wanted(database="ERP"), replace(_state(), small_letters=True), "lower_case_table_names"),
    ],
)
def test_what_a_server_has_in_the_way_is_found(wanted, state, words):
    (finding,) = check_server([wanted], state, "none", master="admin")
    assert words in finding.text


def test_a_listed_secret_that_does_not_fit_its_user_is_asked_for_by_name():
    """ListSecrets may lag by minutes."""
    wanted = _wanted()
    assert doubtful([wanted], _state(_user())) == []
    assert doubtful([wanted], _state(version=None)) == []
    for state in (_state(_user(), version=None), _state(_user(version="v2"))):
        assert doubtful([wanted], state) == [wanted]


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([_wanted("")], "needs a name"),
        ([_wanted(" acme")], "begins or ends with a space"),
        ([_wanted("a\u200bb")], "can't be seen (U+200B)"),
        ([_wanted("x" * 129)], "128 are allowed"),
        ([_wanted(prefix="kc_")], "no prefix"),
        ([_wanted("x" * 9, prefix="p" * 24)], "leaves no room"),
        ([_wanted(database="mysql")], "MySQL's own"),
        ([_wanted(database="x" * 65)], "1 to 64 characters"),
        ([_wanted(username="x" * 33)], "1 to 32 characters"),
        ([_wanted(username="a\\b")], "backslash"),
        ([_wanted(username="rdsadmin")], "RDS's own"),
        ([_wanted(database="tenantb"), _wanted("b")], "acme, b would share the schema tenantb"),
        ([_wanted(username="tenantb"), _wanted("b")], "acme, b would share the user tenantb"),
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
