# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""An instance can be protected from scale-in, one by one.

AWS has SetInstanceProtection for instances in service; the emulator doesn't know the action.
https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-instance-protection.html
"""

from __future__ import annotations

import ministack.services.autoscaling as scaling

from lab.emulator.autoscaling.requests import empty, on_group


def _protect(group: dict, params: dict) -> tuple:
    there = {item["InstanceId"]: item for item in group["Instances"]}
    identifiers = scaling._parse_member_list(params, "InstanceIds")
    for identifier in identifiers:
        if identifier not in there:
            message = f"The instance {identifier} is not part of Auto Scaling group {group['AutoScalingGroupName']}."
            return scaling._error("ValidationError", message)
        if there[identifier]["LifecycleState"] != "InService":
            message = f"The instance {identifier} is not in InService, EnteringStandby or Standby."
            return scaling._error("ValidationError", message)
    for identifier in identifiers:
        there[identifier]["ProtectedFromScaleIn"] = scaling._p(params, "ProtectedFromScaleIn") == "true"
    return empty("SetInstanceProtection")


def apply() -> None:
    scaling._ACTION_MAP["SetInstanceProtection"] = on_group(_protect)
