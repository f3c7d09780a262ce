# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Compute the capacity that a target tracking policy asks for: pure.

It changes in proportion to how far the metric is from its target. Instances that are still warming up don't count as capacity when
more is wanted, so that a second pass during a warm-up adds only what the first one left open, and nothing is taken away meanwhile.
https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html
"""

from __future__ import annotations

import math
from dataclasses import dataclass

# Below this part of the target there is too much capacity.
LOW = 0.9


@dataclass(frozen=True)
class Capacity:
    """A group's sizes: `ready` is what has warmed up of `desired`."""

    desired: int
    ready: int
    least: int
    most: int

    def within(self, wanted: int) -> int:
        return max(self.least, min(self.most, wanted))


def wanted(capacity: Capacity, metric: float, target: float, *, may_scale_in: bool = True) -> int:
    """Return the desired capacity for this value of the metric, within the group's limits."""
    if metric > target:
        counted = max(1, min(capacity.ready, capacity.desired))
        return capacity.within(max(capacity.desired, math.ceil(counted * metric / target)))
    warming = capacity.ready < capacity.desired
    if metric < target * LOW and may_scale_in and not warming:
        return capacity.within(min(capacity.desired, math.ceil(capacity.desired * metric / target)))
    return capacity.desired
