# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Auto Scaling groups as they are."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

from tests.policies.template import Resource, chosen

_PROPERTIES = ("LaunchTemplate", "MixedInstancesPolicy", "HealthCheckType", "TargetGroupARNs")


def scaling_groups(autoscaling: t.Any, prefix: str) -> Iterator[Resource]:
    """The groups whose names begin so."""
    for page in autoscaling.get_paginator("describe_auto_scaling_groups").paginate():
        for group in page["AutoScalingGroups"]:
            name = group["AutoScalingGroupName"]
            if name.startswith(prefix):
                tags = [chosen(tag, "Key", "Value", "PropagateAtLaunch") for tag in group["Tags"]]
                properties = chosen(group, *_PROPERTIES) | {"Tags": tags}
                yield Resource("AWS::AutoScaling::AutoScalingGroup", name, properties)
