# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import uuid

from tests.support.rights import ACCOUNT, allowed, user_with

_MANAGED = {
    "Name": "common",
    "Priority": 1,
    "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}},
    "OverrideAction": {"None": {}},
    "VisibilityConfig": {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "common"},
}


def aws_behaviour(clients) -> bool:
    """Rights on one web ACL are good for its tags and associations and no other's; AWS's rule groups take a right on them."""
    own, foreign = (f"own-{uuid.uuid4().hex[:8]}", f"foreign-{uuid.uuid4().hex[:8]}")
    options = {
        "Scope": "REGIONAL",
        "DefaultAction": {"Allow": {}},
        "VisibilityConfig": _MANAGED["VisibilityConfig"] | {"MetricName": "all"},
    }
    waf = clients("wafv2")
    arns = [waf.create_web_acl(Name=name, **options)["Summary"]["ARN"] for name in (own, foreign)]
    named = f"arn:aws:wafv2:*:{ACCOUNT}:*/webacl/own-*"
    actions = ["wafv2:TagResource", "wafv2:CreateWebACL", "wafv2:ListResourcesForWebACL"]
    statement = {"Action": actions, "Resource": named}
    managed = {"Action": "wafv2:CreateWebACL", "Resource": "arn:aws:wafv2:*:*:*/managedruleset/*"}
    narrow, wide = (clients("wafv2", key=user_with(clients, given)[1]) for given in ([statement], [statement, managed]))
    tags = [{"Key": "a", "Value": "b"}]
    balancer = f"arn:aws:elasticloadbalancing:me-west-1:{ACCOUNT}:loadbalancer/app/own/0123456789abcdef"
    associate = {"Action": "wafv2:AssociateWebACL", "Resource": named}
    both = associate | {"Resource": [named, balancer]}
    of_acl, of_both = (clients("wafv2", key=user_with(clients, [given])[1]) for given in (associate, both))
    return (
        allowed(of_acl.associate_web_acl, WebACLArn=arns[0], ResourceArn=balancer),
        allowed(of_both.associate_web_acl, WebACLArn=arns[0], ResourceArn=balancer),
        allowed(narrow.tag_resource, ResourceARN=arns[0], Tags=tags),
        allowed(narrow.tag_resource, ResourceARN=arns[1], Tags=tags),
        allowed(narrow.list_resources_for_web_acl, WebACLArn=arns[0]),
        allowed(narrow.list_resources_for_web_acl, WebACLArn=arns[1]),
        allowed(narrow.create_web_acl, Name=f"{own}-narrow", **options, Rules=[_MANAGED]),
        allowed(wide.create_web_acl, Name=f"{own}-wide", **options, Rules=[_MANAGED]),
    ) == (False, True, True, False, True, False, False, True)


def test_wafv2_resources_checked(patched_only):
    patched_only("wafv2.resources_checked", aws_behaviour)
