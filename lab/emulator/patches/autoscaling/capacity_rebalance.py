# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""With capacity rebalancing a group replaces a spot instance once it hears of its interruption, before it is taken away.

Another one is launched at the recommendation to rebalance; when it serves, the one at risk leaves as others do. Without the
setting, and where the time is too short, an instance is replaced after its end. The emulator drops the setting.
https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-capacity-rebalancing.html
"""

from __future__ import annotations

import ministack.services.autoscaling as scaling
import ministack.services.ec2 as ec2

from lab.emulator.autoscaling import converge, members
from lab.emulator.autoscaling.requests import settled
from lab.emulator.state import spot

_CAUSE = "an instance was taken out of service in response to an EC2 instance rebalance recommendation"


def _settle(group: dict, params: dict) -> None:
    if asked := scaling._p(params, "CapacityRebalance"):
        group["CapacityRebalance"] = asked == "true"


def _rebalance(group: dict) -> None:
    if not group.get("CapacityRebalance"):
        return
    for item in group["Instances"]:
        item["_at_risk"] = spot.is_told(ec2._instances.get(item["InstanceId"], {}))
    others = [item for item in group["Instances"] if not (item["_at_risk"] or item.get("_leaving"))]
    if sum(members.ready(group, item, warm_up=0) for item in others) >= group["DesiredCapacity"]:
        for item in group["Instances"]:
            if item["_at_risk"]:
                members.leave(group, item, _CAUSE)


def apply() -> None:
    settled.append(_settle)
    converge.chores.append(_rebalance)
