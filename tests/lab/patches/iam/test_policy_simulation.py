# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.rights import user_with

BUCKETS = ["arn:aws:s3:::kc-one", "arn:aws:s3:::other"]


def aws_behaviour(clients) -> bool:
    """A simulation answers for each action on each resource, in the region that it is told."""
    condition = {"StringEquals": {"aws:RequestedRegion": "me-west-1"}}
    arn, _ = user_with(clients, [{"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::kc-*", "Condition": condition}])
    iam = clients("iam", "us-east-1")

    def decisions(region: str) -> list[str]:
        context = {"ContextKeyName": "aws:RequestedRegion", "ContextKeyType": "string", "ContextKeyValues": [region]}
        asked = {"ActionNames": ["s3:ListBucket"], "ResourceArns": BUCKETS, "ContextEntries": [context]}
        found = iam.simulate_principal_policy(PolicySourceArn=arn, **asked)["EvaluationResults"]
        return [result["EvalDecision"] for result in found]

    here, elsewhere = decisions("me-west-1"), decisions("eu-central-1")
    return here == ["allowed", "implicitDeny"] and elsewhere == ["implicitDeny"] * 2


def test_iam_policy_simulation(patched_only):
    patched_only("iam.policy_simulation", aws_behaviour)
