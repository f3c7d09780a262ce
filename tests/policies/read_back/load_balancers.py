# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Load balancers with their listeners, and target groups, as they are."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

from tests.policies.template import Resource, chosen

_LISTENER = ("Port", "Protocol", "SslPolicy", "Certificates", "DefaultActions", "LoadBalancerArn")
_TARGET_GROUP = ("Name", "Protocol", "Port", "VpcId", "TargetType", "HealthCheckProtocol", "HealthCheckPath")


def load_balancers(elb: t.Any, prefix: str) -> Iterator[Resource]:
    """The load balancers whose names begin so; their names end with a region's, so the prefix is not cut."""
    for balancer in elb.describe_load_balancers()["LoadBalancers"]:
        name, arn = balancer["LoadBalancerName"], balancer["LoadBalancerArn"]
        if not name.startswith(prefix):
            continue
        attributes = elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
        properties = chosen(balancer, "Scheme", "Type", "SecurityGroups") | {"LoadBalancerAttributes": attributes}
        yield Resource("AWS::ElasticLoadBalancingV2::LoadBalancer", name, properties)
        for listener in elb.describe_listeners(LoadBalancerArn=arn)["Listeners"]:
            properties = chosen(listener, *_LISTENER)
            yield Resource("AWS::ElasticLoadBalancingV2::Listener", f"{name}-{listener['Port']}", properties)


def target_groups(elb: t.Any, prefix: str) -> Iterator[Resource]:
    """The target groups whose names begin so."""
    for group in elb.describe_target_groups()["TargetGroups"]:
        if group["TargetGroupName"].startswith(prefix):
            properties = chosen(group, *_TARGET_GROUP)
            yield Resource("AWS::ElasticLoadBalancingV2::TargetGroup", group["TargetGroupName"], properties)
