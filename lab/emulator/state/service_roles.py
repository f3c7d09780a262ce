# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Evaluate whether an AWS service may assume a role: the emulator's own check of trust policies knows callers only."""

from __future__ import annotations

import json

from ministack.core import iam_evaluator
from ministack.core.iam_evaluator import EvalContext


def assumable(role: dict, service: str, region: str, keys: dict[str, str] | None = None) -> bool:
    """Return whether the role trusts `service`; `keys` are those of the request, such as aws:sourcearn."""
    context = EvalContext(
        principal_arn=service,
        principal_type="Service",
        principal_account="",
        action="sts:AssumeRole",
        resource_arn="*",
        region=region,
        service_context=keys or {},
    )
    document = json.loads(role["AssumeRolePolicyDocument"])
    statements = [dict(statement) | {"Resource": "*"} for statement in document["Statement"]]
    decision = iam_evaluator.evaluate_resource_policy({"Statement": statements}, context, service=service)
    return decision.decision == "Allow"
