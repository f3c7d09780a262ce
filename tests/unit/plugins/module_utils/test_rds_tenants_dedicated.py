# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Check the options of tenants with dedicated instances, plan what is done in their servers, and find those that have to move."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants import isolation
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.dedicated import (
    DedicatedTenant,
    can_be_asked,
    plan_dedicated,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.entries import (
    TENANT_SPEC,
    check_options,
    dedicated_tenants,
    split_by_isolation,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.model import State

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


def _parsed(*tenants: dict, **other) -> tuple[dict, list, list[DedicatedTenant]]:
    spec = {"tenants": {"type": "list", "elements": "dict", "options": TENANT_SPEC}}
    valid = ArgumentSpecValidator(spec).validate({"tenants": list(tenants)})
    assert not valid.error_messages
    parameters = _PARAMETERS | valid.validated_parameters | other
    schemas, others = split_by_isolation(parameters)
    return parameters, schemas, dedicated_tenants(parameters, others, HOME)


def _texts(*tenants: dict, **other) -> list[str]:
    return [finding.text for finding in check_options(*_parsed(*tenants, **other))]


def _dedicated(**entry) -> DedicatedTenant:
    return _parsed({"name": "acme", "isolation": "instance"} | entry)[2][0]


def test_a_tenants_settings_are_before_those_of_all():
    tenant = _dedicated(
        instance={"instance_class": "db.r7g.large", "parameters": {"max_connections": 500}, "replica": True}
    )
    assert tenant.instance.stated["DBInstanceClass"] == "db.r7g.large"
    assert tenant.instance.stated["BackupRetentionPeriod"] == 7
    assert tenant.instance.parameters == {
        "log_bin_trust_function_creators": "1",
        "max_connections": "500",
        "performance_schema": "1",
        "require_secure_transport": "1",
    }
    assert tenant.instance.at.identifier == "kc-me-west-1-database-acme"
    assert tenant.instance.replica.identifier == "kc-eu-central-1-database-acme"
    assert tenant.instance.master_secret == "tenants/acme/master"


def test_names_of_companies_are_mapped_for_rds_too():
    tenant = _dedicated(name="Acme & Söhne", instance={"replica": True})
    digest = tenant.entry.secret[-10:]
    assert tenant.entry.schema == tenant.entry.user == f"tenant0acmesohne{digest}"
    assert tenant.instance.at.identifier == f"kc-me-west-1-database-0acmesohne{digest}"
    assert tenant.instance.replica.identifier == f"kc-eu-central-1-database-0acmesohne{digest}"
    assert tenant.instance.master_secret == f"tenants/0acmesohne{digest}/master"
    (finding,) = isolation.check_returns(["Acme & Söhne"], PREFIX, {tenant.instance.at.identifier})
    assert tenant.instance.at.identifier in finding.text


def test_plaintext_can_not_be_allowed():
    tenant = _dedicated(instance={"parameters": {"require_secure_transport": False}})
    assert tenant.instance.parameters["require_secure_transport"] == "1"


@pytest.mark.parametrize(
    ("tenant", "other", "words"),
    [
        ({"name": "a"}, {"host": None}, "O(host)"),
        ({"name": "a", "residency": [HOME]}, {}, "in O(instance)"),
        ({"name": "a", "instance": {"multi_az": True}}, {}, "this one has a schema"),
        ({"name": "a", "final_snapshot": "x"}, {}, "this one has a schema"),
        ({"name": "a", "isolation": "instance", "state": "absent"}, {}, "snapshot of its own"),
        ({"name": "a", "isolation": "instance", "state": "absent", "protected": True}, {}, "is protected"),
        ({"name": " a", "isolation": "instance"}, {}, "begins or ends with a space"),
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
    tenant = _dedicated()
    state = settled_state(tenant.instance)
    assert can_be_asked(tenant, state)
    for masters in ({}, {"acme": master_state(applied=None)}, {"acme": replace(master_state(), secret=None)}):
        assert not can_be_asked(tenant, replace(state, masters=masters))
    creating = with_instance(state, instance(tenant.instance, status="creating"))
    assert not can_be_asked(tenant, creating)
    assert not can_be_asked(tenant, replace(state, instances={}))


_EMPTY = State(frozenset(), {}, {}, {})


def test_a_new_instance_gets_its_tenant_and_one_that_is_taken_over_keeps_what_it_has():
    tenant = _dedicated()
    there = settled_state(tenant.instance)
    gone = replace(there, instances={})
    for state, action in ((gone, "create"), (there, "adopt")):
        (step,) = plan_dedicated([tenant], {"acme": None}, state, "none", ())
        assert (step.action, step.resource) == (action, "tenant acme")
    (step,) = plan_dedicated([tenant], {"acme": _EMPTY}, there, "none", ())
    assert (step.action, step.data.secret, step.data.new_user) == ("create", "create", True)


def test_nothing_is_done_in_the_server_of_a_tenant_that_goes():
    tenant = _dedicated(state="absent", final_snapshot="last")
    assert plan_dedicated([tenant], {"acme": _EMPTY}, settled_state(tenant.instance), "none", ()) == []


def test_a_tenant_with_a_schema_on_the_shared_instance_has_to_move():
    tenant = _dedicated()
    shared = replace(_EMPTY, schemas=frozenset({"tenantacme"}))
    (finding,) = isolation.check_moves([tenant.entry], shared, "shared.rds")
    for words in ("acme has a schema on shared.rds", "dump tenantacme", "absent and a final_snapshot", "load the dump"):
        assert words in finding.text
    assert isolation.check_moves([tenant.entry], _EMPTY, "shared.rds") == []
    gone = _dedicated(state="absent", final_snapshot="last")
    assert isolation.check_moves([gone.entry], shared, "shared.rds") == []


def test_a_tenant_with_a_dedicated_instance_does_not_get_a_schema():
    (finding,) = isolation.check_returns(["acme", "b"], "kc-", {"kc-acme", "kc-database"})
    assert "acme has a dedicated instance, kc-acme" in finding.text
    assert isolation.check_returns(["acme"], "", {"acme"}) == []
