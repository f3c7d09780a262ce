# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The operator's policies under parliament, a linter of IAM policies: what it finds is known, with the reason."""

from __future__ import annotations

import json
import warnings

import pytest

from lab import operator

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it uses pkg_resources, and escapes that Python no longer likes
    import parliament

# By kind of finding: what it may be about, and why that is so.
KNOWN = {
    # Reads, for which a name would not bound what can be listed beside them.
    # Of Route 53's resources only the ids could be named, which AWS draws; the policy's notes say so.
    "RESOURCE_STAR": {
        "acm:Describe",
        "acm:Get",
        "acm:List",
        "ec2:Describe",
        "kms:Describe",
        "kms:Get",
        "kms:List",
        "rds:Describe",
        "route53:ChangeTagsForResource",
        "route53:Delete",
        "route53:Get",
        "route53:List",
        "route53:UpdateHealthCheck",
    },
    # AWS checks these on several resources, of which a statement each has one or some.
    "RESOURCE_MISMATCH": {
        "ec2:AcceptVpcPeeringConnection",
        "ec2:ReplaceNetworkAclAssociation",
        "ec2:RunInstances",
        "iam:ListInstanceProfiles",
        "kms:CreateAlias",
        "kms:DeleteAlias",
        "kms:UpdateAlias",
        "rds:CreateDBInstance",
    },
    # AWS's own examples compare this key as a string; its reference calls it an ARN.
    "MISMATCHED_TYPE_BUT_USABLE": {"Type mismatch: StringEquals requires", "Type mismatch: StringNotEquals requires"},
    # Whoever writes a bucket's policy could give themselves its objects: docs/operator.md says so.
    "RESOURCE_POLICY_PRIVILEGE_ESCALATION": {"s3:Put"},
}


def _actions(finding) -> list[str]:
    if finding.issue == "RESOURCE_POLICY_PRIVILEGE_ESCALATION":
        return [finding.detail.rpartition("does allow ")[2]]
    if isinstance(finding.detail, str):
        return [finding.detail]
    return [entry if isinstance(entry, str) else entry["action"] for entry in finding.detail]


@pytest.mark.parametrize("entry", operator.policies(), ids=lambda entry: entry["name"])
def test_parliament_finds_nothing_unexplained(entry):
    found = parliament.analyze_policy_string(json.dumps(entry["document"])).findings
    unexplained = [
        f"{finding.issue}: {action}"
        for finding in found
        for action in _actions(finding)
        if not action.startswith(tuple(KNOWN.get(finding.issue, ())) or ("nothing",))
    ]
    assert not unexplained
