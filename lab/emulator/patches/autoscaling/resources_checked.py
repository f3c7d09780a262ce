# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The right to tag a group, or to end one of its instances, is checked on that group.

On AWS both are allowed by a policy that names the group. The emulator doesn't find the group, since such a request names it as a
tag's resource, or only its instance. Nor does it know autoscaling:LaunchConfigurationName, by which AWS lets policies refuse them.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2autoscaling.html
"""

from __future__ import annotations

from collections.abc import Iterator

import ministack.services.autoscaling as scaling

from lab.emulator.patches._access_checks import Check, Request, replace

_CONFIGURATION = "autoscaling:LaunchConfigurationName"
_OF_INSTANCES = ("TerminateInstanceInAutoScalingGroup", "SetInstanceHealth")


def _group_of(instance_id: str) -> str:
    """Return the name of an instance's group; where it has none `*`, which only the right to every group matches."""
    groups = scaling._asgs.values()
    return next(
        (
            group["AutoScalingGroupName"]
            for group in groups
            if any(item["InstanceId"] == instance_id for item in group["Instances"])
        ),
        "*",
    )


def _names(request: Request) -> set[str]:
    tagged = {
        request.param(name) for name in request.params if name.startswith("Tags.") and name.endswith("ResourceId")
    }
    if tagged:
        return tagged
    return {_group_of(request.param("InstanceId"))} if request.action in _OF_INSTANCES else set()


def _checks(request: Request) -> Iterator[Check]:
    names = set() if request.action.startswith("Describe") else _names(request)
    if not names:
        configuration = request.param("LaunchConfigurationName")
        yield Check(request.resource, {_CONFIGURATION: configuration} if configuration else {})
    for name in names:
        yield Check(request.arn("autoscaling", f"autoScalingGroup:*:autoScalingGroupName/{name}"))


def apply() -> None:
    replace("autoscaling", _checks)
