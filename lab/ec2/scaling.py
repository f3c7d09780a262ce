# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What an Auto Scaling group does next: pure, so that it can be read and tested without an API.

Lifecycle hooks, scaling policies and instance refreshes would each add a step here, between reading and launching.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

_HEALTHY = ("pending", "running")
_LIFECYCLE = {"pending": "Pending", "running": "InService"}


@dataclass(frozen=True)
class Member:
    """One instance of a group. `state` is EC2's (None: EC2 doesn't know it), `marked` says somebody called it unhealthy."""

    instance_id: str
    zone: str
    state: str | None
    leaving: bool = False
    marked: bool = False
    protected: bool = False

    @property
    def healthy(self) -> bool:
        return self.state in _HEALTHY and not self.marked

    @property
    def gone(self) -> bool:
        return self.state in (None, "terminated")

    @property
    def lifecycle(self) -> str:
        return "Terminating" if self.leaving else _LIFECYCLE.get(self.state or "", "Terminating")


@dataclass(frozen=True)
class Step:
    """What is to be done for a group now."""

    launch_zones: list[str] = field(default_factory=list)
    replace: list[str] = field(default_factory=list)
    scale_in: list[str] = field(default_factory=list)
    forget: list[str] = field(default_factory=list)


def step(desired: int, zones: list[str], members: list[Member]) -> Step:
    """Replace what is unhealthy, launch what is missing in the emptiest zones, take from the fullest what is too many."""
    staying = [member for member in members if not member.leaving and member.healthy]
    replace = [member.instance_id for member in members if not member.leaving and not member.healthy]
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
