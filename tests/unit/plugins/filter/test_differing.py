# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.knowledgecity.platform.plugins.filter.differing import differing

POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny"}]}
WANTED = {
    "name": "jobs",
    "retention": 90,
    "encrypted": True,
    "policy": POLICY,
    "tags": {"tier": "media"},
    "actions": [],
}
FOUND = {
    "name": "jobs",
    "retention": "90",
    "encrypted": "true",
    "policy": '{"Statement": [{"Effect": "Deny"}], "Version": "2012-10-17"}',
    "tags": {"tier": "media"},
    "arn": "arn:aws:sqs:::jobs",
}


def test_what_is_as_wanted_needs_nothing():
    assert differing([WANTED], [FOUND], "name") == []


def test_what_is_missing_is_returned():
    assert differing([WANTED], [], "name") == [WANTED]
    assert differing([WANTED], [FOUND | {"name": "other"}], "name") == [WANTED]


@pytest.mark.parametrize(
    "drift",
    [
        {"retention": "91"},
        {"retention": None},
        {"encrypted": "false"},
        {"policy": "{}"},
        {"policy": "no JSON"},
        {"policy": None},
        {"tags": {"tier": "media", "more": "1"}},
        {"tags": {}},
        {"actions": ["arn:aws:sns:::topic"]},
    ],
)
def test_each_drift_is_returned(drift):
    assert differing([WANTED], [FOUND | drift], "name") == [WANTED]


def test_numbers_are_the_same_however_they_are_written():
    assert differing([{"name": "a", "threshold": 0}], [{"name": "a", "threshold": 0.0}], "name") == []
    assert differing([{"name": "a", "threshold": 1}], [{"name": "a", "threshold": True}], "name") != []


@pytest.mark.parametrize("found", [{}, {"rotation": False}, {"rotation": "false"}, {"rotation": None}])
def test_what_is_not_there_is_false(found):
    assert differing([{"name": "a", "rotation": False}], [{"name": "a", **found}], "name") == []
    assert differing([{"name": "a", "rotation": True}], [{"name": "a", **found}], "name") != []


def test_what_must_not_be_set_differs_once_it_is():
    assert differing([{"name": "a", "unit": None}], [{"name": "a", "unit": "Count"}], "name") != []
    assert differing([{"name": "a", "count": 0}], [{"name": "a"}], "name") != []


def test_what_has_no_key_is_refused():
    with pytest.raises(AnsibleFilterError, match="needs the attribute name"):
        differing([{"threshold": 1}], [], "name")
