# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Choose whether a group's next instance is a spot one, and its type: pure.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-mixed-instances-groups.html
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True)
class Distribution:
    """How many on-demand instances a group has first, and what part of those beyond."""

    base: int = 0
    percentage_above: int = 100

    def on_demand_of(self, size: int) -> int:
        """On-demand instances of a group of this size; a part of one is rounded up."""
        base = min(size, self.base)
        return base + math.ceil((size - base) * self.percentage_above / 100)


def next_is_spot(distribution: Distribution, on_demand: int, spot: int) -> bool:
    """Return whether the next instance is a spot one, where so many of both kinds live."""
    return on_demand >= distribution.on_demand_of(on_demand + spot + 1)


def next_type(types: list[str], living: list[str], spread: bool) -> str:
    """Return the first type of the list, or, spread, the one that the fewest of the living ones have."""
    if not spread:
        return types[0]
    counts = Counter(living)
    return min(types, key=lambda name: counts[name])
