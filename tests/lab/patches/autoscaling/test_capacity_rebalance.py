# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.groups import make_group, mixed


def aws_behaviour(clients) -> bool:
    """Another instance serves before the one at risk leaves; without the setting nothing happens before the interruption."""
    spot = mixed("rebalanced", "c7i.large", OnDemandPercentageAboveBaseCapacity=0)
    group = make_group(clients, "rebalanced", "10.82", 1, MixedInstancesPolicy=spot, CapacityRebalance=True)
    (first,) = group.instances()
    group.interrupt(first)
    during, after = group.instances(), group.instances()
    shown = group.described().get("CapacityRebalance")
    group.api().update_auto_scaling_group(AutoScalingGroupName=group.name, CapacityRebalance=False)
    group.interrupt(after[-1])
    left_alone = [group.instances(), group.instances()]
    group.delete()
    return (during[:1], len(during), len(after)) == ([first], 2, 1) and shown is True and left_alone == [after, after]


def test_auto_scaling_capacity_rebalance(patched_only):
    patched_only("autoscaling.capacity_rebalance", aws_behaviour)
