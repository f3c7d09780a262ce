# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Describe tenants that are there, declared or not."""

from __future__ import annotations

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants import results, survey
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.entries import undeclared_entry
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.model import State, User, plan

_ACME = undeclared_entry("acme", "tenant")


def _state(schema: bool = True, user: User | None = None, version: str | None = "v1") -> State:
    return State(
        frozenset({"tenantacme"} if schema else ()),
        {"tenantacme": user} if user else {},
        {},
        {"acme": version} if version else {},
    )


def _user(version: str | None = "v1", excess_rights: bool = False, **other) -> User:
    return User(_ACME.settings | other, version, two_passwords=False, excess_rights=excess_rights)


def test_a_tenant_is_whoever_has_a_schema_or_a_user():
    state = State(frozenset({"tenantb", "tenant"}), {"tenanta": _user()}, {}, {})
    assert survey.names("tenant", state) == ["a", "b"]


@pytest.mark.parametrize(
    ("state", "faults"),
    [
        (_state(user=_user()), []),
        (_state(), ["schema without a user"]),
        (_state(schema=False, user=_user()), ["user without a schema"]),
        (_state(user=_user(excess_rights=True)), ["rights beyond its schema"]),
        (_state(user=_user(require_ssl=False)), ["TLS not required, or no limit to wrong passwords"]),
        (_state(user=_user(), version=None), ["no secret"]),
        (_state(user=_user("v0")), ["password not the secret's"]),
    ],
)
def test_what_is_wrong_in_any_case(state, faults):
    assert survey.faults("acme", "tenantacme", state) == faults


def test_drift_is_what_a_run_would_change():
    state = _state(user=_user(max_connections=3))
    (told,) = survey.drift(plan([_ACME], state, "none"))
    assert (told["action"], told["resource"]) == ("update", "tenant acme")
    assert told["before"]["max_connections"] == 3
    assert told["after"]["max_connections"] == 20


def test_results_name_the_secret_and_nothing_of_it():
    told = results.of_schema(_ACME, _state(user=_user()), "tenants/")
    assert told["secret"] == "tenants/acme"
    assert "v1" not in str(told)
    assert results.of_schema(_ACME, _state(), "tenants/") is None
