# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""docs/operator-policy.json fits the data it is made from, and what AWS takes; tests/e2e compares it with what runs need."""

from __future__ import annotations

import dataclasses
import json
import re

import pytest
import yaml
from ansible_collections.knowledgecity.platform.plugins.plugin_utils.security import boundary, roles

from lab import inventory, operator
from lab.settings import CHECKOUT
from tools.operator_policy import documents, record, reference, rules, statements
from tools.operator_policy.comparison import actions_of, differences
from tools.operator_policy.record import Recorded

POLICY = json.loads((CHECKOUT / "docs" / "operator-policy.json").read_text())
STATEMENTS = [statement for entry in POLICY["policies"] for statement in entry["document"]["Statement"]]
COMPLETIONS = rules.completions()


def _recorded(*extra: str, unchecked: frozenset[str] | None = None) -> Recorded:
    """A record of exactly the actions that the committed policy bounds by the rules."""
    sids = [statement["sid"] for statement in COMPLETIONS.statements]
    found = record.of_policy(POLICY, sids, COMPLETIONS.calls() if unchecked is None else unchecked)
    return dataclasses.replace(found, actions=found.actions | set(extra))


def test_the_file_is_what_the_data_comes_to():
    made = documents.assemble(_recorded(), rules.scopes(), COMPLETIONS)
    assert made == POLICY, "run `make operator-policy`, or where only the data changed, add ARGS=--from-file"


def test_a_missing_right_is_named():
    found = list(differences(POLICY, _recorded("sns:CreateTopic"), COMPLETIONS))
    assert len(found) == 1
    assert "need sns:CreateTopic" in found[0]
    assert "make operator-policy" in found[0]


def test_a_surplus_right_is_named():
    recorded = Recorded(_recorded().actions - {"ec2:CreateVpc"}, frozenset(COMPLETIONS.calls()))
    assert "gives ec2:CreateVpc, which no run needs" in " ".join(differences(POLICY, recorded, COMPLETIONS))


def test_an_unchecked_call_is_named():
    found = " ".join(differences(POLICY, _recorded(unchecked=frozenset({"ce:GetCostAndUsage"})), COMPLETIONS))
    assert "ce:GetCostAndUsage" in found
    with pytest.raises(SystemExit, match="ce:GetCostAndUsage"):
        documents.assemble(_recorded(unchecked=frozenset({"ce:GetCostAndUsage"})), rules.scopes(), COMPLETIONS)


def test_an_action_that_aws_does_not_know_is_refused():
    with pytest.raises(SystemExit, match="ec2:CreateEverything"):
        statements.build(["ec2:CreateEverything"], rules.scopes())


def test_a_dependency_that_nothing_is_said_about_is_refused():
    with pytest.raises(SystemExit, match="Who uses rds:CreateBlueGreenDeployment also needs"):
        documents.assemble(_recorded("rds:CreateBlueGreenDeployment"), rules.scopes(), COMPLETIONS)


def test_an_auto_scaling_group_brings_what_its_template_needs():
    made = documents.assemble(_recorded("autoscaling:CreateAutoScalingGroup"), rules.scopes(), COMPLETIONS)
    given = actions_of(made)
    assert {"autoscaling:CreateAutoScalingGroup", "ec2:RunInstances", "iam:PassRole"} <= given
    assert "ec2:RunInstances" not in actions_of(POLICY) or "autoscaling:CreateAutoScalingGroup" in actions_of(POLICY)


def test_no_action_has_a_wildcard_and_no_write_is_unbounded():
    for statement in STATEMENTS:
        assert not [action for action in statement["Action"] if "*" in action]
        whole = statement["Resource"] == ["*"] and statement["Effect"] == "Allow"
        if whole and "aws:RequestTag/platform" not in str(statement):
            writes = {name for name in statement["Action"] if not reference.action(name).reads} - set(POLICY["notes"])
            assert not writes, f"{statement['Sid']} allows {writes} on everything"


def test_what_neither_name_nor_tag_bounds_has_a_note():
    open_ones = {action for each in STATEMENTS if each["Sid"].endswith("Open") for action in each["Action"]}
    # Records are bounded by their own names, with a condition key that only Route 53 has.
    by_record = {
        action
        for each in STATEMENTS
        if "route53:ChangeResourceRecordSetsNormalizedRecordNames" in json.dumps(each.get("Condition", {}))
        for action in each["Action"]
    }
    assert open_ones | by_record == set(POLICY["notes"])
    assert all(POLICY["notes"].values())


def test_each_completion_has_a_reason_and_says_where_it_is_documented():
    for entry in [*POLICY["completions"], *POLICY["denials"]]:
        assert entry["reason"].endswith(".")
        assert entry["documentation"].startswith("https://docs.aws.amazon.com/")


def test_the_policies_fit_what_aws_takes():
    assert len(POLICY["policies"]) <= 10, "ten managed policies can be attached to a role"
    sids = []
    for entry in [*operator.policies(), operator.boundary()]:
        text = json.dumps(entry["document"], separators=(",", ":"))
        assert len(text) <= documents.LIMIT
        assert not re.search(r"\$\{\w+\}", text), "a placeholder, unlike IAM's ${aws:userid}, is left"
        assert re.fullmatch(r"[\w+=,.@-]{1,128}", entry["name"])
        assert entry["path"] == "/platform-operators/"
        sids += [statement["Sid"] for statement in entry["document"]["Statement"]]
    assert all(re.fullmatch(r"[A-Za-z0-9]+", sid) for sid in sids)
    assert len(sids) == len(set(sids))


def test_the_boundary_is_what_role_security_makes():
    """So that a run with the operator's rights, which may not write it, finds it as it wants it."""
    settings = inventory.platform()
    wanted = {
        "prefix": f"{settings['platform_name']}-{settings['platform_environment']}",
        "account_id": settings["platform_account_id"],
        "regions": list(settings["platform_regions"]),
    }
    files = CHECKOUT / "roles" / "security" / "files"
    tiers, refused = (yaml.safe_load((files / name).read_text()) for name in ("tiers.yml", "boundary.yml"))
    made = operator.boundary()
    assert made["document"] == boundary.boundary(tiers, refused["refused"], wanted)
    assert f"policy{made['path']}{made['name']}" == roles.boundary_arn(wanted).rpartition(":")[2]


def test_roles_are_written_below_the_boundary_alone():
    """Whatever writes a role's rights: actions that AWS lets a policy bound by iam:PermissionsBoundary."""
    bound = {
        f"iam:{name}" for name in ("CreateRole", "PutRolePolicy", "DeleteRolePolicy", "PutRolePermissionsBoundary")
    }
    bound |= {"iam:AttachRolePolicy", "iam:DetachRolePolicy"}
    for statement in STATEMENTS:
        if statement["Effect"] == "Allow" and bound & set(statement["Action"]):
            assert "iam:PermissionsBoundary" in statement["Condition"]["StringEquals"], statement["Sid"]
    never = {"iam:CreatePolicy", "iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeleteRolePermissionsBoundary"}
    assert not never & actions_of(POLICY)


def test_an_attachment_would_be_bounded_by_what_is_attached():
    """Nothing attaches a managed policy today; who adds it gets the condition."""
    (found,) = statements.build(["iam:AttachRolePolicy"], rules.scopes()).statements.values()
    assert all("iam:PolicyARN" in statement["Condition"]["ArnLike"] for statement in found)


@pytest.mark.parametrize(
    ("action", "kind", "resource"),
    [
        ("ec2:DescribeVpcs", "Read", "*"),
        ("s3:PutBucketPolicy", "Own", "arn:aws:s3:::${platform_name}-${environment}-*"),
        ("ec2:DeleteVpc", "Tagged", "arn:aws:ec2:*:${account_id}:vpc/*"),
        ("acm:RequestCertificate", "Make", "*"),
        ("acm:DeleteCertificate", "Tagged", "arn:aws:acm:*:${account_id}:certificate/*"),
        ("sqs:CreateQueue", "Own", "arn:aws:sqs:*:${account_id}:${platform_name}-${environment}-*"),
        ("route53:CreateHostedZone", "Open", "*"),
        ("ssm:SendCommand", "Tagged", "arn:aws:ec2:*:${account_id}:instance/*"),
        ("wafv2:CreateWebACL", "Own", "arn:aws:wafv2:*:${account_id}:*/webacl/${platform_name}-${environment}-*"),
        (
            "autoscaling:CreateAutoScalingGroup",
            "Own",
            "arn:aws:autoscaling:*:${account_id}:autoScalingGroup:*:autoScalingGroupName/${platform_name}-${environment}-*",
        ),
        ("backup:CreateBackupVault", "Tagged", "arn:aws:backup:*:${account_id}:backup-vault:*"),
    ],
)
def test_an_action_is_bounded_by_name_else_by_tag_else_by_region(action, kind, resource):
    built = statements.build([action], rules.scopes())
    found = [statement for group in built.statements.values() for statement in group]
    assert any(statement["Sid"].endswith(kind) and resource in statement["Resource"] for statement in found), found
    regional = action.partition(":")[0] != "route53"
    assert all(("aws:RequestedRegion" in str(statement)) == regional for statement in found)
