# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Rights on a web ACL's tags and associations are checked on it, and one with managed rules wants the right to use these.

On AWS both are allowed by policies that name the resource. The emulator finds no resource in ResourceARN and WebACLArn, and doesn't
look for rule groups.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awswafv2.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lab.emulator.patches._access_checks import Check, Request, replace


def _checks(request: Request) -> Iterator[Check]:
    named = [arn for name in ("ResourceARN", "ResourceArn", "WebACLArn") if (arn := request.param(name))]
    for arn in named or [request.resource]:
        yield Check(arn)
    if b'"ManagedRuleGroupStatement"' in request.body:
        scope = "global" if request.param("Scope") == "CLOUDFRONT" else "regional"
        yield Check(request.arn("wafv2", f"{scope}/managedruleset/*/*"))


def apply() -> None:
    replace("wafv2", _checks)
