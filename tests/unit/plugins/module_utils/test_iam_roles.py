# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils import _aws
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._iam_roles.model import (
    Role,
    check,
    plan_absent,
    plan_present,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._iam_roles.store import RoleStore
from botocore.exceptions import ClientError

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


class Iam:
    """Refuses calls by operation, each a number of times, and notes what was done."""

    def __init__(self, **refusals: tuple[str, str, int]):
        self._refusals = {name: [(code, text)] * count for name, (code, text, count) in refusals.items()}
        self.done: list[str] = []

    def __getattr__(self, operation: str):
        def call(**_arguments):
            if self._refusals.get(operation):
                code, text = self._refusals[operation].pop()
                raise ClientError({"Error": {"Code": code, "Message": text}}, operation)
            self.done.append(operation)
            return {
                "Role": {"AssumeRolePolicyDocument": {}, "Arn": "arn"},
                "InstanceProfile": {"Roles": []},
                "PolicyDocument": {},
            }

        return call

    def get_paginator(self, operation: str):
        iam = self

        class Pages:
            def paginate(self, **arguments):
                getattr(iam, operation)(**arguments)
                return [{"PolicyNames": [], "AttachedPolicies": [], "InstanceProfiles": [{"InstanceProfileName": "r"}]}]

        return Pages()


@pytest.fixture
def patient(monkeypatch):
    """No pauses between attempts."""
    monkeypatch.setattr(_aws, "RETRY_DELAY", 0.01)


def test_a_new_role_whose_policies_are_not_known_yet_is_read_again(patient):
    iam = Iam(list_role_policies=("NoSuchEntity", "", 2), list_attached_role_policies=("NoSuchEntity", "", 1))
    assert RoleStore(iam, 5).read(["r"])["r"].exists
    held = RoleStore(Iam(), 5).read(["r"], to_remove=True)["r"]
    assert held.other_profiles == (), "the instance profile of its name goes with it"


def test_a_trust_policy_that_names_a_role_just_made_is_sent_again_and_one_that_is_wrong_is_not(patient):
    changes = plan_present([ROLE], {"r": Role("r", exists=False)})[:1]
    iam = Iam(create_role=("MalformedPolicyDocument", 'Invalid principal in policy: "AWS":"arn"', 3))
    RoleStore(iam, 5).apply(changes)
    assert iam.done == ["create_role"]
    with pytest.raises(PlatformError, match="refuses the trust policy"):
        RoleStore(Iam(create_role=("MalformedPolicyDocument", "Syntax errors in policy.", 1)), 5).apply(changes)


def test_what_a_role_had_a_moment_ago_does_not_keep_it(patient):
    iam = Iam(delete_role=("DeleteConflict", "Cannot delete entity, must detach all policies first.", 2))
    RoleStore(iam, 5).apply(plan_absent([Role("r")], {"r": Role("r")}))
    assert iam.done == ["delete_role"]
