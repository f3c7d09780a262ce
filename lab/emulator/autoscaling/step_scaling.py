# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Compute the capacity that a simple or step scaling policy asks for: pure.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html
"""

from __future__ import annotations

import math


def adjustment_for(steps: list[dict], breach: float) -> int | None:
    """Return the adjustment of the step in which `breach` lies, the metric less the alarm's threshold; None where none fits.

    A step includes the bound that is nearer to the threshold, and not the one that is farther.
    """
    for item in steps:
        lower, upper = item.get("MetricIntervalLowerBound", -math.inf), item.get("MetricIntervalUpperBound", math.inf)
        if (lower <= breach < upper) if breach >= 0 else (lower < breach <= upper):
            return item["ScalingAdjustment"]
    return None


def wanted(current: int, kind: str, adjustment: int, magnitude: int = 0) -> int:
    """Return the capacity after an adjustment of the given AdjustmentType; `magnitude` is the least change of a percentage."""
    match kind:
        case "ExactCapacity":
            return adjustment
        case "PercentChangeInCapacity":
            exact = current * adjustment / 100
            # More than one is rounded down, less than one up to one.
            change = math.trunc(exact) or (int(math.copysign(1, exact)) if exact else 0)
            if change and abs(change) < magnitude:
                change = int(math.copysign(magnitude, change))
            return current + change
    return current + adjustment
