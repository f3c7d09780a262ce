# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Plan what an Auto Scaling group does next: pure, so that it can be read and tested without an API.

Hooks (hooks.py), refreshes (refresh.py) and scaling policies (target_tracking.py, step_scaling.py) have steps of their own: they
say when an instance may go on, which one is replaced, and what capacity is wanted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

_HEALTHY = ("pending", "running")


@dataclass(frozen=True)
class Member:
    """One instance of a group. `state` is EC2's (None: EC2 doesn't know it), `marked` says somebody called it unhealthy.

    `kept`: it counts, healthy or not, since the group's process that would replace it is suspended.
    `at_risk`: it will be taken away, and its group wants another one in its place before that.
    """

    instance_id: str
    zone: str
    state: str | None
    leaving: bool = False
    marked: bool = False
    protected: bool = False
    kept: bool = False
    at_risk: bool = False

    @property
    def healthy(self) -> bool:
        return self.state in _HEALTHY and not self.marked

    @property
    def stays(self) -> bool:
        """Whether it counts as capacity."""
        return not (self.leaving or self.at_risk) and (self.healthy or self.kept)

    @property
    def gone(self) -> bool:
        return self.state in (None, "terminated")


@dataclass(frozen=True)
class Step:
    """What is to be done for a group now."""

    launch_zones: list[str] = field(default_factory=list)
    replace: list[str] = field(default_factory=list)
    scale_in: list[str] = field(default_factory=list)
    forget: list[str] = field(default_factory=list)


def step(desired: int, zones: list[str], members: list[Member]) -> Step:
    """Replace what is unhealthy, launch what is missing in the emptiest zones, take from the fullest what is too many."""
    staying = [member for member in members if member.stays]
    replace = [member.instance_id for member in members if not (member.leaving or member.healthy or member.kept)]
    forget = [member.instance_id for member in members if member.leaving and member.gone]
    per_zone = Counter(dict.fromkeys(zones, 0))
    per_zone.update(member.zone for member in staying)
    launch_zones = []
    for _missing in range(desired - len(staying) if zones else 0):
        zone = min(zones, key=lambda name: per_zone[name])
        per_zone[zone] += 1
        launch_zones.append(zone)
    scale_in = []
    removable = [member for member in staying if not member.protected]
    for _excess in range(min(len(staying) - desired, len(removable))):
        # The oldest of the fullest zone; members stand in the order in which they were launched.
        victim = max(removable, key=lambda member: per_zone[member.zone])
        per_zone[victim.zone] -= 1
        removable.remove(victim)
        scale_in.append(victim.instance_id)
    return Step(launch_zones, replace, scale_in, forget)
