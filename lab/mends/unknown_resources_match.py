# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A policy that names resources holds for services whose resources the emulator can't tell.

AWS finds the resource of every request. For these services the emulator looks for `*`, which no ARN in a policy matches, so that a
policy could only be tried with `*` in it. Here action and conditions are checked, and the resource is taken for a match: a policy
that names too few resources of these services isn't noticed in the lab.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from ministack.core import iam_evaluator

SERVICES = ("autoscaling", "route53", "ssm", "wafv2")
_BEGINNINGS = tuple(f"arn:aws:{service}:" for service in SERVICES)


def mend() -> None:
    matches = iam_evaluator._resource_matches

    def resource_matches(resource_arn: str, resources: list[str], not_resources: list[str]) -> bool:
        if resource_arn == "*" and any(pattern.startswith(_BEGINNINGS) for pattern in resources):
            return True
        return matches(resource_arn, resources, not_resources)

    iam_evaluator._resource_matches = resource_matches
