# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What counts as a proof that a tenant logs in, and how rows of MySQL become a user with its rights."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.quoting import account, grant_pattern
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants import rights
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.entries import undeclared_entry
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.model import Task
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.server import TenantServer, _to_prove
from pymysql.err import OperationalError

_ACME = undeclared_entry("acme", "tenant")


def _server(error: Exception | None) -> TenantServer:
    def connect(user: str, password: str):
        assert (user, password) == ("tenantacme", "secret")
        if error:
            raise error
        return SimpleNamespace(close=lambda: None)

    return TenantServer(connect, "admin", "unused", "db.rds")


def _prove(error: Exception | None) -> None:
    _server(error)._prove([Task(_ACME, password=True)], {"acme": ("secret", "v1")})


@pytest.mark.parametrize("number", [None, 1203, 1226])
def test_a_server_that_refuses_a_session_after_the_password_has_accepted_it(number):
    _prove(OperationalError(number, "as many as it may have") if number else None)


@pytest.mark.parametrize("number", [1040, 1045, 2003, 3118])
def test_whatever_comes_before_is_no_proof(number):
    with pytest.raises(PlatformError, match=f"acme .*{number}"):
        _prove(OperationalError(number, "no"))


def test_a_login_proves_each_changed_password_and_one_of_new_users():
    locked = replace(_ACME, state="locked")
    first, second = (Task(_ACME, password=True, new_user=True) for _task in range(2))
    changed = [Task(_ACME, password=True), Task(_ACME, password=True, retain=True)]
    batch = [Task(locked, password=True), Task(_ACME), first, *changed, second]
    proven = _to_prove(batch)
    assert len(proven) == 3
    assert proven[0] is first
    assert all(one is other for one, other in zip(proven[1:], changed, strict=True))


def _row(**other) -> dict:
    known = {
        "User": "tenantacme",
        "Host": "%",
        "User_attributes": '{"metadata": {"tenant": "acme", "secret_version": "v1"}}',
        "max_user_connections": 20,
        "max_questions": 0,
        "password_lifetime": None,
        "ssl_type": "ANY",
        "account_locked": "N",
        "authentication_string": "hash",
        "plugin": "caching_sha2_password",
    }
    return known | other


def _grant(schema: str, *columns: str) -> dict:
    return (
        {"Db": schema, "Host": "%", "User": "tenantacme"}
        | {f"{name}_priv": "Y" for name in columns}
        | ({} if "Grant" in columns else {"Grant_priv": "N"})
    )


def _user(grants=(), others=(), **row):
    return rights.user(_row(**row), "tenantacme", "tenantacme", list(grants), list(others))


def test_a_user_with_rights_on_its_schema_alone_has_none_beyond_them():
    user = _user([_grant("tenantacme", "Select", "Create_tmp_table")])
    assert user.settings["privileges"] == ["CREATE TEMPORARY TABLES", "SELECT"]
    assert user.excess_rights == ()
    assert (user.tenant, user.secret_version, user.two_passwords) == ("acme", "v1", False)


@pytest.mark.parametrize(
    ("found", "revoked"),
    [
        ({"Process_priv": "Y", "Select_priv": "Y"}, ("SELECT, PROCESS ON *.*",)),
        ({"Grant_priv": "Y"}, ("GRANT OPTION ON *.*",)),
    ],
)
def test_rights_on_everything_are_taken_away_by_their_names(found, revoked):
    (text,) = _user(**found).excess_rights
    assert sorted(text.removesuffix(" ON *.*").split(", ")) == sorted(revoked[0].removesuffix(" ON *.*").split(", "))


def test_rights_elsewhere_are_taken_away_one_by_one():
    others = [
        {"kind": "table", "place": "other", "name": "t`able", "delegable": 1},
        {"kind": "PROCEDURE", "place": "other", "name": "p", "delegable": 0},
        {"kind": "dynamic", "place": "XA_RECOVER_ADMIN", "name": "", "delegable": 0},
        {"kind": "role", "place": "reporting", "name": "%", "delegable": 0},
        {"kind": "proxy", "place": "boss", "name": "10.%", "delegable": 0},
    ]
    grants = [_grant("tenantacme", "Select", "Grant"), _grant("tenant\\_b", "Select", "Grant")]
    assert _user(grants, others).excess_rights == (
        "GRANT OPTION ON `tenantacme`.*",
        "GRANT OPTION, SELECT ON `tenant\\_b`.*",
        "ALL PRIVILEGES ON `other`.`t``able`",
        "GRANT OPTION ON `other`.`t``able`",
        "ALL PRIVILEGES ON PROCEDURE `other`.`p`",
        "XA_RECOVER_ADMIN ON *.*",
        "`reporting`@`%`",
        "PROXY ON `boss`@`10.%`",
    )


def test_names_are_quoted_and_wildcards_of_grants_are_not_meant():
    assert account("O`Brien") == "`O``Brien`@`%`"
    assert grant_pattern("legacy_erp%", partial_revokes=False) == r"legacy\_erp\%"
    assert grant_pattern("legacy_erp%", partial_revokes=True) == "legacy_erp%"
