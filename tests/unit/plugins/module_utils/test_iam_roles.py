# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._iam_roles.model import (
    Role,
    check,
    plan_absent,
    plan_present,
)

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "a"}, "Action": "sts:AssumeRole"}],
}
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:a", "s3:b"], "Resource": "x"}]}
TAGS = {"managed-by": "us", "platform": "kc"}
ROLE = Role("r", TRUST, "text", "arn:b", {"p": POLICY}, frozenset({"arn:m"}), 3600, TAGS, profile=("r",))
IDENTITY = ["managed-by", "platform", "environment"]


def _actions(current: Role, wanted: Role = ROLE) -> list[tuple[str, str]]:
    return [(change.action, change.resource) for change in plan_present([wanted], {"r": current})]


def test_an_entry_becomes_a_role():
    options = {
        "name": "r",
        "assume_role_policy": '{"Version": "2012-10-17"}',
        "description": None,
        "permissions_boundary": None,
        "policies": {"p": POLICY},
        "managed_policies": [],
        "max_session_duration": 3600,
        "instance_profile": False,
        "tags": {"n": 1},
    }
    assert Role.from_options(options) == Role("r", {"Version": "2012-10-17"}, policies={"p": POLICY}, tags={"n": "1"})


def test_what_is_as_wanted_needs_nothing():
    reordered = POLICY | {"Statement": [POLICY["Statement"][0] | {"Action": ["s3:b", "s3:a"]}]}
    assert _actions(ROLE) == _actions(dataclasses.replace(ROLE, arn="arn", policies={"p": reordered})) == []


def test_a_new_role_comes_before_what_belongs_to_it():
    assert _actions(Role("r", exists=False)) == [
        ("create", "role r"),
        ("create", "policy p of role r"),
        ("attach", "policy arn:m of role r"),
        ("create", "instance profile r"),
    ]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"boundary": None}, ("update", "role r")),
        ({"trust": {}}, ("update", "role r")),
        ({"max_session": 7200}, ("update", "role r")),
        ({"tags": {**TAGS, "extra": "x"}}, ("update", "role r")),
        ({"policies": {}}, ("create", "policy p of role r")),
        ({"policies": {"p": {**POLICY, "Statement": []}}}, ("update", "policy p of role r")),
        ({"policies": {"p": POLICY, "q": POLICY}}, ("delete", "policy q of role r")),
        ({"attached": frozenset({"arn:m", "arn:admin"})}, ("detach", "policy arn:admin of role r")),
        ({"profile": None}, ("create", "instance profile r")),
        ({"profile": ()}, ("update", "instance profile r")),
    ],
)
def test_rights_that_were_changed_by_hand_are_brought_back(changed, expected):
    assert _actions(dataclasses.replace(ROLE, **changed)) == [expected]


def test_a_profile_that_is_not_wanted_goes():
    assert _actions(ROLE, dataclasses.replace(ROLE, profile=None)) == [("delete", "instance profile r")]


def test_removal_ends_with_the_role():
    def actions(current: Role) -> list[tuple[str, str]]:
        return [(change.action, change.resource) for change in plan_absent([Role("r")], {"r": current})]

    assert actions(ROLE) == [("delete", "instance profile r"), ("delete", "role r")]
    assert actions(Role("r", exists=False, profile=())) == [("delete", "instance profile r")]
    assert actions(Role("r", exists=False)) == []


def test_a_role_in_somebody_elses_instance_profile_is_not_begun_to_be_removed():
    """Its policies went, and the role was refused: https://github.com/cloud-custodian/cloud-custodian/issues/6340."""
    held = dataclasses.replace(ROLE, other_profiles=("theirs",))
    with pytest.raises(PlatformError, match=r"in the instance profile theirs.*Nothing was changed"):
        check([ROLE], {"r": held}, IDENTITY)


def test_somebody_elses_role_is_not_touched():
    with pytest.raises(PlatformError, match="somebody else's"):
        check([ROLE], {"r": dataclasses.replace(ROLE, tags={"managed-by": "them"})}, IDENTITY)
    with pytest.raises(PlatformError, match="holds the role other"):
        check([ROLE], {"r": dataclasses.replace(ROLE, profile=("other",))}, IDENTITY)
    with pytest.raises(PlatformError, match="stated 2 times"):
        check([ROLE, ROLE], {"r": ROLE}, IDENTITY)
    check([ROLE], {"r": ROLE}, IDENTITY)
    check([ROLE], {"r": Role("r", exists=False)}, IDENTITY)
    check([dataclasses.replace(ROLE, tags={})], {"r": dataclasses.replace(ROLE, tags={})}, IDENTITY)
