# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Map names of companies to names of schemas, users, secrets and instances."""

from __future__ import annotations

import itertools
import re
import unicodedata

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.checks import check
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.entries import undeclared_entry
from ansible_collections.knowledgecity.platform.plugins.module_utils._tenant_names import (
    INSTANCE_LENGTH,
    SCHEMA_LENGTH,
    USER_LENGTH,
    identifier,
)

from tests.support.company_names import companies

_PREFIX = "tenant"


@pytest.mark.parametrize("name", ["acme", "a", "load0x0001", "x" * 26])
def test_names_that_were_allowed_before_stand_as_they_are(name):
    """A tenant that exists keeps its schema, its user, its secret and its instance."""
    assert identifier(name, SCHEMA_LENGTH, _PREFIX) == identifier(name, USER_LENGTH, _PREFIX) == f"tenant{name}"
    assert identifier(name, SCHEMA_LENGTH) == name
    assert identifier(name, INSTANCE_LENGTH, "kc-me-west-1-database-") == f"kc-me-west-1-database-{name}"


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        # The rule can't change: these schemas exist.
        ("Acme", "tenant0acmeg4bwzwhzor"),
        ("acme-corp", "tenant0acmecorp6e72g7ffv3"),
        ("AT&T", "tenant0att2gx7cyxp7n"),
        ("Müller & Söhne", "tenant0mullersohnenwnctplxg5"),
        ("3M", "tenant03mlg2a72hbgi"),
        ("a_b", "tenant0abmsh2tmy3y7"),
        ("شركة", "tenant0sxxyzcjykt"),
    ],
)
def test_the_rule(name, schema):
    assert identifier(name, SCHEMA_LENGTH, _PREFIX) == schema
    assert identifier(unicodedata.normalize("NFD", name), SCHEMA_LENGTH, _PREFIX)[-10:] == schema[-10:]


def test_three_hundred_companies_get_names_of_their_own_that_mysql_takes():
    names = companies(300)
    assert len(names) == 300
    assert {"Acme", "ACME", "acme"} <= set(names)
    for longest, prefix in ((SCHEMA_LENGTH, _PREFIX), (USER_LENGTH, _PREFIX), (SCHEMA_LENGTH, ""), (USER_LENGTH, "")):
        found = [identifier(name, longest, prefix) for name in names]
        assert len({item.lower() for item in found}) == 300
        assert all(len(item) <= longest and re.fullmatch("[a-z0-9]+", item) for item in found)
    assert check([undeclared_entry(name, _PREFIX) for name in names], has_final_snapshot=False) == []


def test_the_longest_names_use_what_mysql_allows():
    long = "International Business Machines of the Middle East and Africa, Limited Liability Company"
    assert len(identifier(long, SCHEMA_LENGTH, _PREFIX)) == 64
    assert len(identifier(long, USER_LENGTH, _PREFIX)) == 32
    assert identifier("x" * 40, SCHEMA_LENGTH, _PREFIX) == f"tenant{'x' * 40}"
    assert len(identifier("x" * 40, USER_LENGTH, _PREFIX)) == 32


def test_no_name_is_mapped_to_what_another_stands_for():
    names = companies(300)
    mapped = [identifier(name, SCHEMA_LENGTH) for name in names]
    again = [identifier(name, SCHEMA_LENGTH) for name in mapped if name not in names]
    assert not set(again) & set(mapped), "a mapped name, stated as a name, is mapped again"
    for one, other in itertools.pairwise(sorted(mapped)):
        assert one != other


def test_all_refused_names_are_told_at_once_each_with_its_reason():
    refused = ["", " acme", "acme\n", "a\u200bb", "x" * 129, "\u202egnp.exe"]
    found = check([undeclared_entry(name, _PREFIX) for name in [*companies(300), *refused]], has_final_snapshot=False)
    texts = [finding.text for finding in found]
    for name in refused:
        assert [text for text in texts if text.startswith(f"{name if name[:1] == 'x' else repr(name)}: ")], name
