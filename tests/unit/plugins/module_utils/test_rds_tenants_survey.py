# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Describe tenants that are there, declared or not."""

from __future__ import annotations

from dataclasses import replace

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


def _user(version: str | None = "v1", excess_rights: tuple[str, ...] = (), **other) -> User:
    return User(_ACME.settings | other, version, two_passwords=False, excess_rights=excess_rights)


def test_a_tenant_is_whoever_has_a_schema_or_a_user():
    state = State(frozenset({"tenantb", "tenant"}), {"tenanta": _user()}, {}, {})
    assert [entry.name for entry in survey.tenants("tenant", [], state)] == ["a", "b"]


def test_a_tenant_is_called_as_its_user_says():
    user = replace(_user(), tenant="Acme & Söhne", schema="tenant0acmesohnelong")
    state = State(frozenset({"tenant0acmesohnelong"}), {"tenant0acmesohne": user}, {}, {})
    (entry,) = survey.tenants("tenant", [], state)
    assert (entry.name, entry.schema, entry.user) == ("Acme & Söhne", "tenant0acmesohnelong", "tenant0acmesohne")


def test_what_was_adopted_is_its_tenants():
    adopted = replace(undeclared_entry("legacy", "tenant"), database="legacy_erp", username="erp")
    state = State(frozenset({"legacy_erp"}), {"erp": _user()}, {}, {})
    assert survey.tenants("tenant", [adopted], state) == [adopted]


@pytest.mark.parametrize(
    ("state", "faults"),
    [
        (_state(user=_user()), []),
        (_state(), ["schema without a user"]),
        (_state(schema=False, user=_user()), ["user without a schema"]),
        (_state(user=_user(excess_rights=("PROCESS ON *.*",))), ["rights beyond its schema"]),
        (_state(user=_user(require_ssl=False)), ["TLS not required"]),
        (_state(user=_user(), version=None), ["no secret"]),
        (_state(user=_user("v0")), ["password not the secret's"]),
    ],
)
def test_what_is_wrong_in_any_case(state, faults):
    assert survey.faults(_ACME, state) == faults


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
