# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Who gives an Auto Scaling group a launch template needs the rights to launch from it.

AWS tries the launch: ec2:RunInstances on the image, the subnets, the security groups, the template, and on the new instance, its
network interface and its volumes; ec2:CreateTags where the template has tags; iam:PassRole for the role of its profile.
The emulator checks the right to the group alone.
https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-launch-template-permissions.html
"""

from __future__ import annotations

from collections.abc import Iterator

import ministack.services.autoscaling as scaling
import ministack.services.ec2 as ec2

from lab.emulator.autoscaling.launches import found_template, resolved
from lab.emulator.patches._access_checks import Check, Request, add
from lab.emulator.patches._passed_roles import of_profile

_LAUNCH = "ec2:RunInstances"
_MADE = ("instance", "network-interface", "volume")


def _named(request: Request) -> dict | None:
    """Return the launch template of a request, also that of a mixed instances policy."""
    asked = scaling._parse_nested(request.params, "LaunchTemplate")
    mixed = scaling._parse_nested(request.params, "MixedInstancesPolicy").get("LaunchTemplate", {})
    asked = asked or mixed.get("LaunchTemplateSpecification")
    return found_template(asked) if asked else None


def _tags(data: dict) -> dict[str, dict[str, str]]:
    """By the type of what is made, the condition keys for the tags that it will have."""
    return {
        specification["ResourceType"]: {f"aws:RequestTag/{tag['Key']}": tag["Value"] for tag in specification["Tags"]}
        for specification in data.get("TagSpecifications", [])
    }


def _checks(request: Request) -> Iterator[Check]:
    template = _named(request) if request.action in ("CreateAutoScalingGroup", "UpdateAutoScalingGroup") else None
    data, _template, problem = ec2._resolve_launch_template_data(resolved(template)) if template else ({}, None, None)
    if not data or problem:
        return
    image = data.get("ImageId", "")
    if image.startswith("ami-"):
        yield Check(f"arn:aws:ec2:{request.region}::image/{image}", action=_LAUNCH)
    subnets = [name.strip() for name in request.param("VPCZoneIdentifier").split(",") if name.strip()]
    interfaces = [group for interface in data.get("NetworkInterfaces", []) for group in interface.get("Groups", [])]
    named = [
        f"launch-template/{template['LaunchTemplateId']}",
        *(f"subnet/{subnet}" for subnet in subnets),
        *(f"security-group/{group}" for group in [*data.get("SecurityGroupIds", []), *interfaces]),
    ]
    for resource in named:
        yield Check(request.arn("ec2", resource), action=_LAUNCH)
    tags = _tags(data)
    for kind in _MADE:
        yield Check(request.arn("ec2", f"{kind}/*"), tags.get(kind, {}), action=_LAUNCH)
    for kind, keys in tags.items():
        made = keys | {"ec2:CreateAction": "RunInstances"}
        yield Check(request.arn("ec2", f"{kind}/*"), made, action="ec2:CreateTags")
    for profile in data.get("IamInstanceProfile", {}).values():
        yield from of_profile(profile)


def apply() -> None:
    add("autoscaling", _checks)
