# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Tenants with an instance of their own beside those with a schema: options, what is done in their servers, and who has to move."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants import isolation
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.entries import (
    TENANT_SPEC,
    check_options,
    own_tenants,
    schemas_and_owners,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.model import State
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.own import (
    Own,
    can_be_asked,
    plan_own,
)

from tests.support.tenant_instances import (
    DEFAULTS,
    HOME,
    PREFIX,
    STANDBY,
    instance,
    master_state,
    settled_state,
    with_instance,
)

_PARAMETERS = {
    "host": "shared.rds",
    "name_prefix": "tenant",
    "instance": None,
    "instance_name_prefix": PREFIX,
    "instance_defaults": DEFAULTS,
    "standby": STANDBY,
    "secret_prefix": "tenants/",
    "purge_parameters": False,
    "final_snapshot": None,
    "part": "all",
    "recovery_window": 7,
}


def _parsed(*tenants: dict, **other) -> tuple[dict, list, list[Own]]:
    spec = {"tenants": {"type": "list", "elements": "dict", "options": TENANT_SPEC}}
    valid = ArgumentSpecValidator(spec).validate({"tenants": list(tenants)})
    assert not valid.error_messages
    parameters = _PARAMETERS | valid.validated_parameters | other
    schemas, owners = schemas_and_owners(parameters)
    return parameters, schemas, own_tenants(parameters, owners, HOME)


def _texts(*tenants: dict, **other) -> list[str]:
    return [finding.text for finding in check_options(*_parsed(*tenants, **other))]


def _own(**entry) -> Own:
    return _parsed({"name": "acme", "isolation": "instance"} | entry)[2][0]


def test_a_tenants_own_settings_are_before_those_of_all():
    own = _own(instance={"instance_class": "db.r7g.large", "parameters": {"max_connections": 500}, "replica": True})
    assert own.instance.stated["DBInstanceClass"] == "db.r7g.large"
    assert own.instance.stated["BackupRetentionPeriod"] == 7
    assert own.instance.parameters == {"max_connections": "500", "require_secure_transport": "1"}
    assert own.instance.at.identifier == "kc-me-west-1-database-acme"
    assert own.instance.replica.identifier == "kc-eu-central-1-database-acme"
    assert own.instance.master_secret == "tenants/acme/master"


def test_plaintext_can_not_be_allowed():
    own = _own(instance={"parameters": {"require_secure_transport": False}})
    assert own.instance.parameters["require_secure_transport"] == "1"


@pytest.mark.parametrize(
    ("tenant", "other", "words"),
    [
        ({"name": "a"}, {"host": None}, "O(host)"),
        ({"name": "a", "residency": [HOME]}, {}, "O(instance) says which"),
        ({"name": "a", "instance": {"multi_az": True}}, {}, "this one has a schema"),
        ({"name": "a", "final_snapshot": "x"}, {}, "this one has a schema"),
        ({"name": "a", "isolation": "instance", "state": "absent"}, {}, "snapshot of its own"),
        ({"name": "a", "isolation": "instance", "state": "absent", "protected": True}, {}, "is protected"),
        ({"name": "a_b", "isolation": "instance"}, {}, "no name of a tenant"),
        ({"name": "a"}, {"recovery_window": 3}, "7 to 30 days"),
    ],
)
def test_options_that_contradict_each_other(tenant, other, words):
    assert any(words in text for text in _texts(tenant, **other))


def test_settings_of_instances_are_for_those_who_make_them():
    asked = {"name": "a", "isolation": "instance", "instance": {"replica": True}}
    assert any("doesn't say where" in text for text in _texts(asked, standby=None))
    assert _texts(asked, standby=None, part="databases") == []


def test_one_list_may_hold_both_and_a_name_once():
    assert _texts({"name": "a"}, {"name": "b", "isolation": "instance"}) == []
    assert any("2 times" in text for text in _texts({"name": "a"}, {"name": "a", "isolation": "instance"}))


def test_a_server_is_asked_once_its_master_password_is_the_secrets():
    own = _own()
    state = settled_state(own.instance)
    assert can_be_asked(own, state)
    for masters in ({}, {"acme": master_state(applied=None)}, {"acme": replace(master_state(), secret=None)}):
        assert not can_be_asked(own, replace(state, masters=masters))
    creating = with_instance(state, instance(own.instance, status="creating"))
    assert not can_be_asked(own, creating)
    assert not can_be_asked(own, replace(state, instances={}))


_EMPTY = State(frozenset(), {}, {}, {})


def test_a_new_instance_gets_its_tenant_and_one_that_is_taken_over_keeps_what_it_has():
    own = _own()
    there = settled_state(own.instance)
    gone = replace(there, instances={})
    for state, action in ((gone, "create"), (there, "adopt")):
        (step,) = plan_own([own], {"acme": None}, state, "none", ())
        assert (step.action, step.resource) == (action, "tenant acme")
    (step,) = plan_own([own], {"acme": _EMPTY}, there, "none", ())
    assert (step.action, step.secret, step.new_user) == ("create", "create", True)


def test_nothing_is_done_in_the_server_of_a_tenant_that_goes():
    own = _own(state="absent", final_snapshot="last")
    assert plan_own([own], {"acme": _EMPTY}, settled_state(own.instance), "none", ()) == []


def test_a_tenant_with_a_schema_on_the_shared_instance_has_to_move():
    own = _own()
    shared = replace(_EMPTY, schemas=frozenset({"tenantacme"}))
    (finding,) = isolation.check_moves([own.entry], shared, "shared.rds")
    for words in ("acme has a schema on shared.rds", "dump tenantacme", "absent and a final_snapshot", "load the dump"):
        assert words in finding.text
    assert isolation.check_moves([own.entry], _EMPTY, "shared.rds") == []
    gone = _own(state="absent", final_snapshot="last")
    assert isolation.check_moves([gone.entry], shared, "shared.rds") == []


def test_a_tenant_with_an_instance_of_its_own_does_not_get_a_schema():
    (finding,) = isolation.check_returns(["acme", "b"], "kc-", {"kc-acme", "kc-database"})
    assert "acme has an instance of its own, kc-acme" in finding.text
    assert isolation.check_returns(["acme"], "", {"acme"}) == []
