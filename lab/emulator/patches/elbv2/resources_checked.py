# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Rights on load balancers and target groups are checked on what a request names, also where it makes them.

The emulator finds none of them, so that a policy that names them allows nothing.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lab.emulator.patches._access_checks import Check, Request, replace

# What a new one is called, up to the part that AWS draws.
_MADE = {
    "CreateLoadBalancer": "loadbalancer/app/{}/0123456789abcdef",
    "CreateTargetGroup": "targetgroup/{}/0123456789abcdef",
}
# The first of these that a request names; others, such as the target group of a listener, AWS does not check.
_NAMED = ("ResourceArns.member.1", "ListenerArn", "LoadBalancerArn", "TargetGroupArn", "RuleArn")


def _resource(request: Request) -> str:
    if made := _MADE.get(request.action):
        return request.arn("elasticloadbalancing", made.format(request.param("Name")))
    return next((arn for name in _NAMED if (arn := request.param(name))), request.resource)


def _checks(request: Request) -> Iterator[Check]:
    # AWS bounds no listing.
    yield Check("*" if request.action.startswith("Describe") else _resource(request))


def apply() -> None:
    replace("elasticloadbalancing", _checks)
