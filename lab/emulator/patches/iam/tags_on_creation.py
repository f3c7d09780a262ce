# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Who creates a resource with tags needs the right to tag it too, in the context of these tags (aws:RequestTag).

The new resource has no tags yet: a statement on aws:ResourceTag alone doesn't allow it. The emulator checks the creation alone.
EC2's, which have a condition key for it, are checked by another patch.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
"""

from __future__ import annotations

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id

# By what creates: the right to tag, and on what where the creation isn't checked on the new resource.
_TAGGING = {
    "acm:RequestCertificate": ("acm:AddTagsToCertificate", "certificate/*"),
    "dynamodb:CreateTable": ("dynamodb:TagResource", ""),
    "elasticloadbalancing:CreateLoadBalancer": ("elasticloadbalancing:AddTags", ""),
    "elasticloadbalancing:CreateTargetGroup": ("elasticloadbalancing:AddTags", ""),
    "iam:CreateInstanceProfile": ("iam:TagInstanceProfile", ""),
    "iam:CreatePolicy": ("iam:TagPolicy", ""),
    "iam:CreateRole": ("iam:TagRole", ""),
    "iam:CreateUser": ("iam:TagUser", ""),
    "kms:CreateKey": ("kms:TagResource", "key/*"),
    "logs:CreateLogGroup": ("logs:TagResource", ""),
    "secretsmanager:CreateSecret": ("secretsmanager:TagResource", ""),
    "sns:CreateTopic": ("sns:TagResource", ""),
    "sqs:CreateQueue": ("sqs:TagQueue", ""),
    "wafv2:CreateWebACL": ("wafv2:TagResource", ""),
}


def apply() -> None:
    enforce = iam_evaluator.enforce

    def enforce_tagging(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
        refusal = enforce(access_key_id, iam_action, service, region, resource_arn, service_context)
        tags = {
            key: value for key, value in (service_context or {}).items() if key.lower().startswith("aws:requesttag/")
        }
        # AWS's groups of rules, which a web ACL is checked on as well, are no new resources.
        if refusal is not None or not tags or iam_action not in _TAGGING or "/managedruleset/" in resource_arn:
            return refusal
        action, kind = _TAGGING[iam_action]
        made = f"arn:aws:{iam_action.partition(':')[0]}:{region}:{get_account_id()}:{kind}" if kind else resource_arn
        return enforce(
            access_key_id, action, service, region, made, tags | {"aws:TagKeys": service_context.get("aws:TagKeys")}
        )

    iam_evaluator.enforce = enforce_tagging
