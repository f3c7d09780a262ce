# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Which instances an instance refresh replaces next: pure.

Up to 100 % an instance ends before its successor is launched; beyond, the successors come first.
https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-overview.html
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Replaceable:
    """A member as a refresh sees it: `outdated` is to be replaced, `ready` has been in service and healthy for the warm-up.

    `held` is protected or otherwise not to be touched now.
    """

    instance_id: str
    outdated: bool
    ready: bool
    leaving: bool = False
    held: bool = False


@dataclass(frozen=True)
class Limits:
    """Percentages of the desired capacity that must, and that may at most, be in service or on their way."""

    least: int = 90
    most: int = 100

    def at_least(self, desired: int) -> int:
        return math.ceil(desired * self.least / 100)

    def extra(self, desired: int) -> int:
        return max(0, math.ceil(desired * self.most / 100) - desired)


@dataclass(frozen=True)
class Step:
    """What a refresh wants now: so many instances more than desired, these ended; `left` are not replaced to the end yet."""

    extra: int = 0
    replace: list[str] = field(default_factory=list)
    left: int = 0
    done: bool = False


def step(desired: int, limits: Limits, members: list[Replaceable]) -> Step:
    """Replace as many as the limits allow, and one at a time where they allow none. It is done once the last one has left."""
    left = min(desired, sum(member.outdated or not member.ready for member in members))
    living = [member for member in members if not member.leaving]
    outdated = [member for member in living if member.outdated]
    if not outdated:
        return Step(left=left, done=len(members) >= desired and all(member.ready for member in members))
    ready = sum(member.ready for member in living)
    extra = limits.extra(desired)
    room = ready - limits.at_least(desired)
    if not extra and room < 1:
        # The limits allow nothing: one at a time, and only when nothing else is under way.
        quiet = ready == len(living) >= desired and not any(member.leaving for member in members)
        room = 1 if quiet else 0
    # One that isn't ready doesn't count for anything: it can go at once.
    free = [member for member in outdated if not member.held]
    victims = [member for member in free if not member.ready]
    victims += [member for member in free if member.ready][: max(0, room)]
    # Those that are left have successors yet to come; what is replaced now has its own.
    extra = min(extra, len(outdated) - len(victims))
    return Step(extra, [member.instance_id for member in victims], left)
