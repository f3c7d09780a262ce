# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from ansible_collections.knowledgecity.platform.plugins.module_utils._answers import Answer
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.rights import (
    missing,
    principal_of,
    questions,
    rights_findings,
)
from botocore.exceptions import ClientError

REGIONAL = {"StringEquals": {"aws:RequestedRegion": ["me-west-1", "eu-central-1"]}}


def policy(*statements: dict) -> list[dict]:
    return [{"name": "kc-lab-operator-data", "document": {"Version": "2012-10-17", "Statement": list(statements)}}]


def statement(*actions: str, resource: str = "*", **condition) -> dict:
    return {"Effect": "Allow", "Action": list(actions), "Resource": [resource], "Condition": condition}


def test_statements_about_the_same_are_one_question():
    asked = questions(policy(statement("s3:A", **REGIONAL), statement("kms:B", **REGIONAL)), "eu-central-1")
    assert len(asked) == 1
    parameters = asked[0].parameters("arn:aws:iam::111122223333:user/x")
    assert parameters["ActionNames"] == ["s3:A", "kms:B"]
    assert parameters["ContextEntries"] == [
        {"ContextKeyName": "aws:RequestedRegion", "ContextKeyType": "string", "ContextKeyValues": ["eu-central-1"]}
    ]


def test_what_is_for_other_regions_is_not_asked():
    assert questions(policy(statement("s3:A", **REGIONAL)), "us-east-1") == []


def test_a_pattern_is_asked_about_by_an_example_in_the_region():
    pattern = "arn:aws:ec2:*:111122223333:vpc/*"
    (asked,) = questions(policy(statement("ec2:A", resource=pattern)), "me-west-1")
    assert asked.resources == ("arn:aws:ec2:me-west-1:111122223333:vpc/sample",)
    (bucket,) = questions(policy(statement("s3:A", resource="arn:aws:s3:::kc-lab-*/*")), "me-west-1")
    assert bucket.resources == ("arn:aws:s3:::kc-lab-sample/sample",)


def test_a_key_that_must_be_absent_is_left_out_of_the_context():
    (asked,) = questions(policy(statement("ec2:A", Null={"aws:ResourceTag/platform": "true"})), "me-west-1")
    assert asked.context == ()


def test_what_a_policy_variable_stands_for_is_not_asked_about():
    """IAM's simulation knows no session, so that it would say that the right is missing."""
    own = statement("ssm:TerminateSession", resource="arn:aws:ssm:*:*:session/${aws:userid}-*")
    assert questions(policy(own), "me-west-1") == []


def test_what_is_refused_is_not_asked_for():
    refused = statement("iam:CreatePolicy") | {"Effect": "Deny"}
    assert questions(policy(refused), "me-west-1") == []
    assert list(rights_findings(Answer(["iam:CreatePolicy"]), policy(refused), enforced=True)) == []


def test_an_action_allowed_on_one_of_the_resources_is_not_missing():
    (asked,) = questions(policy(statement("s3:A", "s3:B", "s3:C")), "me-west-1")
    results = [
        {"EvalActionName": "s3:A", "EvalDecision": "implicitDeny"},
        {"EvalActionName": "s3:A", "EvalDecision": "allowed"},
        {"EvalActionName": "s3:B", "EvalDecision": "explicitDeny"},
        {
            "EvalActionName": "s3:C",
            "EvalDecision": "implicitDeny",
            "ResourceSpecificResults": [{"EvalResourceDecision": "allowed"}],
        },
    ]
    assert missing(asked, results) == ["s3:B"]
    assert missing(asked, []) == ["s3:A", "s3:B", "s3:C"]


def test_whose_policies_count():
    session = "arn:aws:sts::111122223333:assumed-role/operator/me"
    assert principal_of(session, lambda _name: None) == "arn:aws:iam::111122223333:role/operator"
    assert principal_of(session, lambda name: f"arn:aws:iam::1:role/path/{name}") == "arn:aws:iam::1:role/path/operator"
    user = "arn:aws:iam::111122223333:user/me"
    assert principal_of(user, lambda _name: None) == user
    assert principal_of("arn:aws:iam::111122223333:root", lambda _name: None) is None


def test_what_is_missing_is_named_by_policy():
    policies = policy(statement("s3:A", "s3:B"))
    assert not list(rights_findings(Answer(value=[]), policies, True))
    (found,) = rights_findings(Answer(value=["s3:B", "ec2:Z"]), policies, True)
    assert (found.setting, found.warning) == ("operator policy kc-lab-operator-data", False)
    assert "s3:B" in found.problem
    assert "ec2:Z" not in found.problem
    (told,) = rights_findings(Answer(value=["s3:B"]), policies, False)
    assert told.warning


def test_where_iam_may_not_be_asked_that_is_a_remark():
    refusal = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "SimulatePrincipalPolicy")
    (found,) = rights_findings(Answer(error=refusal), policy(statement("s3:A")), True)
    assert found.warning
    assert "iam:SimulatePrincipalPolicy" in found.setting + found.fix
