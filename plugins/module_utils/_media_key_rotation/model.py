# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A rotation as it is wanted and as the media servers tell of it, and what leads from one to the other. Pure."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

# How thorough a verification is.
LEVELS = ("none", "sample", "all")
RUNNING = {"rotating": "rotate", "verifying": "verify", "rolling-back": "roll_back", "finalizing": "finalize"}


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What the options ask for; ``request`` is what the server is sent."""

    state: str
    verify: str
    regions: t.Sequence[str]
    request: t.Mapping[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Situation:
    """The rotation as the active region's server tells of it, and its phase in the other regions (`absent`: not arrived)."""

    active_region: str
    told: t.Mapping[str, t.Any]
    phases: t.Mapping[str, str]
    now: datetime.datetime

    @property
    def phase(self) -> str:
        """Where it is in the active region."""
        return str(self.told["phase"])

    @property
    def name(self) -> str:
        """As changes name it."""
        return f"rotation {self.told['rotation_id']} in {self.active_region}"


def plan(wanted: Wanted, situation: Situation) -> list[Change]:
    """What is to be done. Raises PlatformError where the rotation is at something that doesn't allow it."""
    return {"rotated": _rotated, "rolled_back": _rolled_back, "finalized": _finalized}[wanted.state](wanted, situation)


def _change(situation: Situation, action: str, after: t.Any, region: str | None = None) -> Change:
    name = f"rotation {situation.told['rotation_id']} in {region}" if region else situation.name
    # A verification is a change of its own beside the rotation it verifies.
    resource = f"verification of {name}" if action == "verify" else name
    phase = situation.phases.get(region, "absent") if region else situation.phase
    before = situation.told["verification"] if action == "verify" else phase
    return Change(action, resource, before=before, after=after, region=region or situation.active_region)


def _wrong(situation: Situation, why: str) -> PlatformError:
    return PlatformError(
        f"{situation.name[0].upper()}{situation.name[1:]} is {situation.phase}: {why} Nothing was changed."
    )


def _rotated(wanted: Wanted, situation: Situation) -> list[Change]:
    if situation.phase == "rolling-back":
        raise _wrong(situation, "wait until that has ended, with O(state=rolled_back).")
    changes = []
    if situation.phase in ("planned", "incomplete", "rolled-back") and situation.told["plan"]["assets"]:
        changes.append(_change(situation, "rotate", dict(situation.told["plan"])))
    elif situation.phase == "rotating":
        changes.append(_change(situation, "wait", "rotated"))
    if situation.told["plan"]["assets"] and not is_verified(situation.told, wanted.verify):
        changes.append(_change(situation, "verify", {"level": wanted.verify}))
    return changes


def is_verified(told: t.Mapping[str, t.Any], level: str) -> bool:
    """Whether a verification that is thorough enough was done, and found nothing."""
    if level == "none":
        return True
    found = told.get("verification") or {}
    return bool(found) and not found["failed"] and LEVELS.index(found["level"]) >= LEVELS.index(level)


def _rolled_back(_wanted: Wanted, situation: Situation) -> list[Change]:
    if situation.phase in ("planned", "rolled-back"):
        return []
    if situation.phase in ("finalizing", "finalized"):
        raise _wrong(situation, "what there was before is gone, and can't be brought back.")
    if situation.phase in ("rotating", "verifying"):
        raise _wrong(situation, "it can be rolled back once that has ended. Run with O(state=rotated) to wait for it.")
    action = "wait" if situation.phase == "rolling-back" else "roll_back"
    return [_change(situation, action, "rolled-back")]


def _finalized(wanted: Wanted, situation: Situation) -> list[Change]:
    changes = []
    if situation.phase in ("rotated", "rolled-back"):
        until = situation.told.get("finalize_from")
        if until and situation.now < datetime.datetime.fromisoformat(until):
            raise _wrong(situation, f"it may be finalized from {until} on, since sessions and caches live until then.")
        changes.append(_change(situation, "finalize", "finalized"))
    elif situation.phase == "finalizing":
        changes.append(_change(situation, "wait", "finalized"))
    elif situation.phase not in ("finalized", "verifying"):
        raise _wrong(situation, "only one that is rotated or rolled back can be finalized.")
    others = [region for region in sorted(wanted.regions) if region != situation.active_region]
    return changes + [
        _change(situation, "finalize", "finalized", region)
        for region in others
        if situation.phases.get(region) != "finalized"
    ]


def in_words(told: t.Mapping[str, t.Any]) -> str:
    """How far it is: what is done, since when, and how long it will take."""
    figures, shards = told["plan"], told["shards"]
    elapsed = told["elapsed_s"]
    done = f"{told['done']} of {figures['assets']} assets" if told["phase"] == "rotating" else ""
    parts = f"{shards['done']} of {shards['total']} parts"
    left = remaining(told)
    told_left = f", about {left:.0f} s left" if left is not None else f", {figures['expected_s']:.0f} s expected"
    return f"{told['phase']}: {', '.join(filter(None, (done, parts)))} after {elapsed:.0f} s{told_left}"


def remaining(told: t.Mapping[str, t.Any]) -> float | None:
    """Seconds to go, from what was done so far; None where nothing is done yet."""
    shards = told["shards"]
    if not shards["done"] or not shards["total"]:
        return None
    return told["elapsed_s"] * (shards["total"] - shards["done"]) / shards["done"]


def failures_in_words(told: t.Mapping[str, t.Any]) -> str:
    """The first few of what failed."""
    shown = [f"{item['item']} ({item['code']}: {item['message']})" for item in told["failures"][:3]]
    more = told["failed"] - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more > 0 else "")
