# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""No published path of three calls leads from the operator's rights to more, nor from those of roles that the operator writes."""

from __future__ import annotations

import copy
import json
import re

import pytest

from lab.settings import CHECKOUT
from plugins.plugin_utils.operator_policy.render import rendered, rendered_boundary
from tests.policies.escalations.judge import ACCOUNT, Path, Principal, paths

_VALUES = {
    "account_id": ACCOUNT,
    "platform_name": "kc",
    "environment": "prod",
    "domain": "learn.example.com",
    "regions": ["me-west-1", "eu-central-1"],
}
_FILE = json.loads((CHECKOUT / "docs" / "operator-policy.json").read_text())
DOCUMENTS = [entry["document"] for entry in rendered(_FILE, _VALUES)]
BOUNDARY = rendered_boundary(_FILE, _VALUES)
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}

OPERATOR = Principal(f"arn:aws:iam::{ACCOUNT}:role/platform-operator", DOCUMENTS)
# The operator may give each role of the platform all that its boundary leaves.
TIERS = [
    Principal(f"arn:aws:iam::{ACCOUNT}:role/kc-prod-me-west-1-{tier}", [EVERYTHING], BOUNDARY["document"])
    for tier in ("runner", "media", "api")
]
PATHS = list(paths())

_ROLE = f"arn:aws:iam::{ACCOUNT}:role/kc-prod-me-west-1-runner"
_BOUNDED = {"iam:PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy{BOUNDARY['path']}{BOUNDARY['name']}"}
_TAGGED = {"aws:ResourceTag/platform": "kc", "aws:ResourceTag/environment": "prod"}
_TAGGING = {"aws:RequestTag/platform": "kc", "aws:RequestTag/environment": "prod"}
_NEW_KEY = f"arn:aws:kms:me-west-1:{ACCOUNT}:key/*"


def named(path: Path) -> str:
    return f"{path.source}: {path.name}"


@pytest.mark.parametrize("path", PATHS, ids=named)
def test_no_path_is_open(path):
    """Nor to the operator together with every role that the operator may write."""
    assert len(path.calls) <= 3
    assert not path.open_to([OPERATOR, *TIERS])


@pytest.mark.parametrize("path", PATHS, ids=named)
def test_each_path_is_open_to_an_administrator(path):
    """So that the silence of the other test means something."""
    assert path.open_to([Principal(f"arn:aws:iam::{ACCOUNT}:user/administrator", [EVERYTHING])])


def test_the_lists_are_whole():
    numbers = {int(number) for path in PATHS for number in re.findall(r"rhino (\d+)", path.source)}
    assert numbers == set(range(1, 29))
    edges = {name for path in PATHS for name in re.findall(r"pmapper (\w+)_edges", path.source)}
    services = "autoscaling cloudformation codebuild datapipeline ec2 ecs glue iam lambda sagemaker ssm sts"
    assert edges == set(services.split())


def _open(documents: list[dict]) -> set[str]:
    operator = Principal(OPERATOR.arn, documents)
    return {path.name for path in PATHS if path.open_to([operator, *TIERS])}


def test_conditions_hold_without_the_denials():
    """And denials without the conditions: another policy of the operator's may allow more."""
    without_denials = copy.deepcopy(DOCUMENTS)
    for document in without_denials:
        document["Statement"] = [each for each in document["Statement"] if each["Effect"] == "Allow"]
    assert _open(without_denials) == {
        # AWS asks for no right to pass the role of a launch configuration.
        "a group from a launch configuration of others",
        "a launch configuration of others for a group",
        # By a role of the operators whose name begins as the platform's.
        "an instance with a profile of others",
        "a new profile with a role of others for an instance",
        "the trust of a role",
    }


def test_denials_hold_without_the_conditions():
    """Where another policy allows all that can be done with roles and policies of the platform's names."""
    own = [
        f"arn:aws:iam::{ACCOUNT}:{kind}"
        for kind in ("role/kc-prod-*", "policy/kc-prod-*", "policy/platform-operators/*")
    ]
    everything = {"Effect": "Allow", "Action": "iam:*", "Resource": own}
    assert _open([*DOCUMENTS, {"Version": "2012-10-17", "Statement": [everything]}]) == set()


def test_the_operator_of_earlier_versions_was_an_administrator():
    """What the policies said before: by name alone."""
    own = [f"arn:aws:iam::{ACCOUNT}:{kind}/kc-prod-*" for kind in ("role", "policy", "instance-profile")]
    actions = ["CreateRole", "PutRolePolicy", "AttachRolePolicy", "UpdateAssumeRolePolicy", "CreatePolicyVersion"]
    statement = {"Effect": "Allow", "Action": [f"iam:{action}" for action in actions], "Resource": own}
    assert {
        "a new version of a policy",
        "a role without the boundary",
        "a policy in a role without the boundary that was made for it",
        "the trust of a role",
    } <= _open([{"Version": "2012-10-17", "Statement": [statement]}])


@pytest.mark.parametrize(
    ("action", "resource", "context"),
    [
        ("iam:CreateRole", _ROLE, _BOUNDED | _TAGGING),
        ("iam:PutRolePolicy", _ROLE, _BOUNDED),
        ("iam:DeleteRolePolicy", _ROLE, _BOUNDED),
        ("iam:PutRolePermissionsBoundary", _ROLE, _BOUNDED),
        ("iam:PassRole", _ROLE, {"iam:PassedToService": "ec2.amazonaws.com"}),
        ("iam:DeleteRole", _ROLE, {}),
        ("iam:TagInstanceProfile", f"arn:aws:iam::{ACCOUNT}:instance-profile/kc-prod-me-west-1-runner", _TAGGING),
        ("ssm:StartSession", f"arn:aws:ec2:me-west-1:{ACCOUNT}:instance/i-0123456789abcdef0", _TAGGED),
        ("kms:CreateKey", "*", _TAGGING),
        ("kms:TagResource", _NEW_KEY, _TAGGING),
        ("kms:PutKeyPolicy", _NEW_KEY, _TAGGED),
        ("kms:GenerateDataKey", _NEW_KEY, _TAGGED | {"kms:ViaService": "s3.me-west-1.amazonaws.com"}),
        ("acm:AddTagsToCertificate", f"arn:aws:acm:me-west-1:{ACCOUNT}:certificate/*", _TAGGING),
        ("ec2:RunInstances", f"arn:aws:ec2:me-west-1:{ACCOUNT}:network-interface/*", {}),
        ("ec2:RunInstances", f"arn:aws:ec2:me-west-1:{ACCOUNT}:volume/*", _TAGGING),
        ("ec2:RunInstances", "arn:aws:ec2:me-west-1::image/ami-0123456789abcdef0", {}),
        (
            "ec2:CreateTags",
            f"arn:aws:ec2:me-west-1:{ACCOUNT}:volume/*",
            _TAGGING | {"ec2:CreateAction": "RunInstances"},
        ),
        (
            "wafv2:AssociateWebACL",
            f"arn:aws:elasticloadbalancing:me-west-1:{ACCOUNT}:loadbalancer/app/kc-prod-me-west-1-media/1",
            {},
        ),
    ],
)
def test_what_a_run_needs_is_allowed(action, resource, context):
    assert OPERATOR.may(action, resource, context, "me-west-1")


@pytest.mark.parametrize(
    ("action", "resource", "context"),
    [
        # A key that another platform has tagged is not to be had by tagging it anew.
        ("kms:TagResource", _NEW_KEY, _TAGGING | {"aws:ResourceTag/platform": "other"}),
        ("kms:TagResource", _NEW_KEY, {"aws:RequestTag/platform": "other"}),
        ("acm:AddTagsToCertificate", f"arn:aws:acm:me-west-1:{ACCOUNT}:certificate/*", {}),
        ("kms:Decrypt", _NEW_KEY, _TAGGED),
        ("iam:PassRole", _ROLE, {"iam:PassedToService": "lambda.amazonaws.com"}),
        ("wafv2:AssociateWebACL", f"arn:aws:elasticloadbalancing:me-west-1:{ACCOUNT}:loadbalancer/app/other/1", {}),
    ],
)
def test_what_others_have_is_refused(action, resource, context):
    assert not OPERATOR.may(action, resource, context, "me-west-1")
