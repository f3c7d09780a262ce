# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Decide the health of a load balancer's target by its probes: pure.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
"""

from __future__ import annotations

from dataclasses import dataclass

INITIAL, HEALTHY, UNHEALTHY = "initial", "healthy", "unhealthy"


@dataclass
class Health:
    """What the probes of one target came to; `contrary` counts those in a row that speak against the state."""

    state: str = INITIAL
    contrary: int = 0
    said: str = ""

    def note(self, sound: bool, said: str, healthy_threshold: int, unhealthy_threshold: int) -> None:
        """Take a probe's result in. A new target is healthy after the first one that is sound."""
        self.said = said
        if sound == (self.state == HEALTHY) and self.state != INITIAL:
            self.contrary = 0
            return
        if self.state == INITIAL and sound:
            self.state, self.contrary = HEALTHY, 0
            return
        self.contrary += 1
        if self.contrary >= (healthy_threshold if sound else unhealthy_threshold):
            self.state, self.contrary = (HEALTHY if sound else UNHEALTHY), 0
