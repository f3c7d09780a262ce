# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""playbooks/operator.yml gives a role what docs/operator-policy.json says, a second time too, and that role can't widen itself."""

from __future__ import annotations

import functools
import json

import pytest

from lab import operator
from lab.settings import ACCOUNT_ID
from tests.support import playbooks
from tests.support.labs import running_lab
from tests.support.rights import allowed

ROLE = "operators"
PLAYBOOK = "playbooks/operator.yml"
_ANYBODY = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"}, "Action": "sts:AssumeRole"}
_TRUST = json.dumps({"Version": "2012-10-17", "Statement": [_ANYBODY]})
_EVERYTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}]}
)


def _arn(entry: dict) -> str:
    return f"arn:aws:iam::{ACCOUNT_ID}:policy{entry['path']}{entry['name']}"


BOUNDARY = _arn(operator.boundary())
POLICIES = {_arn(entry): entry["document"] for entry in operator.policies()}


def _document(iam, arn: str) -> dict:
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    return iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]


def _attached(iam) -> set[str]:
    return {policy["PolicyArn"] for policy in iam.list_attached_role_policies(RoleName=ROLE)["AttachedPolicies"]}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A lab of its own, since the last test takes the operator's rights away."""
    with running_lab(tmp_path_factory.mktemp("operators")) as clients:
        yield clients


@pytest.fixture(scope="module")
def give(lab):
    """Run the playbook, as the administrator if not told otherwise."""
    arguments = ("-e", f"operator_role={ROLE}")
    return functools.partial(playbooks.run, lab, *arguments, playbook=PLAYBOOK, administrator=True)


@pytest.fixture(scope="module")
def iam(lab, give):
    """The administrator's client, in an account in which the role has its rights and one policy of its own."""
    iam = lab("iam", "us-east-1")
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=_TRUST)
    iam.attach_role_policy(RoleName=ROLE, PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    give().succeeded()
    return iam


@pytest.fixture(scope="module")
def session(lab, iam):
    """Clients of a session of that role."""
    role = f"arn:aws:iam::{ACCOUNT_ID}:role/{ROLE}"
    keys = lab("sts", "us-east-1").assume_role(RoleArn=role, RoleSessionName="run")["Credentials"]
    return functools.partial(lab, key=(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]))


def test_the_role_has_what_the_file_says_beside_what_it_had(iam):
    assert _attached(iam) == {*POLICIES, "arn:aws:iam::aws:policy/ReadOnlyAccess"}
    assert {arn: _document(iam, arn) for arn in POLICIES} == POLICIES
    assert _document(iam, BOUNDARY) == operator.boundary()["document"]


def test_a_second_run_changes_nothing(give, iam):
    assert give().succeeded().changed == {"global": 0}


def test_it_is_run_again_when_the_file_has_changed(give, iam):
    """AWS keeps five versions of a policy, and refuses a sixth."""
    changed, foreign = sorted(POLICIES)[0], f"arn:aws:iam::{ACCOUNT_ID}:policy/kc-lab-operator-earlier"
    iam.create_policy(PolicyName="kc-lab-operator-earlier", PolicyDocument=_EVERYTHING)
    iam.attach_role_policy(RoleName=ROLE, PolicyArn=foreign)
    iam.detach_role_policy(RoleName=ROLE, PolicyArn=sorted(POLICIES)[1])
    for number in range(4):
        document = json.loads(_EVERYTHING)
        document["Statement"][0]["Sid"] = f"By{number}Hand"
        iam.create_policy_version(PolicyArn=changed, PolicyDocument=json.dumps(document), SetAsDefault=True)
    give().succeeded()
    assert _attached(iam) == {*POLICIES, "arn:aws:iam::aws:policy/ReadOnlyAccess"}
    assert _document(iam, changed) == POLICIES[changed]
    assert len(iam.list_policy_versions(PolicyArn=changed)["Versions"]) == 1
    iam.delete_policy(PolicyArn=foreign)


def test_without_the_role_it_says_what_to_do(lab):
    ran = playbooks.run(lab, "-e", "operator_role=nobody", playbook=PLAYBOOK, administrator=True)
    assert ran.returncode != 0
    assert "The account has no role nobody. Nothing was changed. Fix: create the role" in " ".join(ran.output.split())


def test_who_may_not_write_the_boundary_is_told_who_may(lab, iam):
    """A run of site.yml compares it in the same way."""
    iam.create_policy_version(PolicyArn=BOUNDARY, PolicyDocument=_EVERYTHING, SetAsDefault=True)
    try:
        ran = playbooks.run(lab, "-e", "operator_role=", playbook=PLAYBOOK)
    finally:
        version = iam.get_policy(PolicyArn=BOUNDARY)["Policy"]["DefaultVersionId"]
        iam.set_default_policy_version(PolicyArn=BOUNDARY, VersionId="v1")
        iam.delete_policy_version(PolicyArn=BOUNDARY, VersionId=version)
    assert ran.returncode != 0
    said = " ".join(ran.output.split())
    assert f"The permissions boundary {BOUNDARY} differs from what these roles need" in said
    assert "Fix: an administrator runs" in said


def test_a_session_of_the_role_widens_nothing(iam, session):
    """What tests/policies/escalations judges by the documents, asked of the lab."""
    own = session("iam", "us-east-1")
    role, bounded = "kc-lab-me-west-1-trial", {"PermissionsBoundary": BOUNDARY}
    new = {"RoleName": role, "AssumeRolePolicyDocument": _TRUST}
    everything = {"PolicyName": "everything", "PolicyDocument": _EVERYTHING}
    administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
    assert not allowed(own.create_role, **new)
    assert not allowed(own.create_role, **new, PermissionsBoundary=administrator)
    assert allowed(own.create_role, **new, **bounded)
    try:
        assert allowed(own.put_role_policy, RoleName=role, **everything)
        assert not allowed(own.attach_role_policy, RoleName=role, PolicyArn=administrator)
        assert not allowed(own.put_role_permissions_boundary, RoleName=role, PermissionsBoundary=administrator)
        assert not allowed(own.delete_role_permissions_boundary, RoleName=role)
        assert not allowed(own.put_role_policy, RoleName=ROLE, **everything)
        assert not allowed(own.update_assume_role_policy, RoleName=ROLE, PolicyDocument=_TRUST)
        for arn in (BOUNDARY, *POLICIES):
            version = {"PolicyArn": arn, "PolicyDocument": _EVERYTHING, "SetAsDefault": True}
            assert not allowed(own.create_policy_version, **version)
            assert not allowed(own.set_default_policy_version, PolicyArn=arn, VersionId="v1")
            assert not allowed(own.delete_policy, PolicyArn=arn)
        assert not allowed(own.create_policy, PolicyName="kc-lab-mine", PolicyDocument=_EVERYTHING)
        assert not allowed(own.create_access_key, UserName="platform-administrator")
    finally:
        iam.put_role_permissions_boundary(RoleName=role, **bounded)
        iam.delete_role_policy(RoleName=role, PolicyName="everything")
        iam.delete_role(RoleName=role)


def test_all_of_it_goes(give, iam):
    """The last test: no other finds a policy any more."""
    give("-e", "operator_state=absent").succeeded()
    assert _attached(iam) == {"arn:aws:iam::aws:policy/ReadOnlyAccess"}
    left = iam.list_policies(Scope="Local", PathPrefix="/platform-operators/")["Policies"]
    assert [policy["PolicyName"] for policy in left if policy["PolicyName"].startswith("kc-lab-")] == []
