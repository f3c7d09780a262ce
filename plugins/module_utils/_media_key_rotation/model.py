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
class Current:
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


def plan(wanted: Wanted, current: Current) -> list[Change]:
    """What is to be done. Raises PlatformError where the rotation is at something that doesn't allow it."""
    return {"rotated": _rotated, "rolled_back": _rolled_back, "finalized": _finalized}[wanted.state](wanted, current)


def _change(current: Current, action: str, after: t.Any, region: str | None = None) -> Change:
    name = f"rotation {current.told['rotation_id']} in {region}" if region else current.name
    # A verification is a change of its own beside the rotation it verifies.
    resource = f"verification of {name}" if action == "verify" else name
    phase = current.phases.get(region, "absent") if region else current.phase
    before = current.told["verification"] if action == "verify" else phase
    return Change(action, resource, before=before, after=after, region=region or current.active_region)


def _wrong(current: Current, why: str) -> PlatformError:
    return PlatformError(f"{current.name[0].upper()}{current.name[1:]} is {current.phase}: {why} Nothing was changed.")


def _rotated(wanted: Wanted, current: Current) -> list[Change]:
    if current.phase == "rolling-back":
        raise _wrong(current, "wait until that has ended, with O(state=rolled_back).")
    changes = []
    if current.phase in ("planned", "incomplete", "rolled-back") and current.told["plan"]["assets"]:
        changes.append(_change(current, "rotate", dict(current.told["plan"])))
    elif current.phase == "rotating":
        changes.append(_change(current, "wait", "rotated"))
    if current.told["plan"]["assets"] and not is_verified(current.told, wanted.verify):
        changes.append(_change(current, "verify", {"level": wanted.verify}))
    return changes


def is_verified(told: t.Mapping[str, t.Any], level: str) -> bool:
    """Whether a verification that is thorough enough was done, and found nothing."""
    if level == "none":
        return True
    found = told.get("verification") or {}
    return bool(found) and not found["failed"] and LEVELS.index(found["level"]) >= LEVELS.index(level)


def _rolled_back(_wanted: Wanted, current: Current) -> list[Change]:
    if current.phase in ("planned", "rolled-back"):
        return []
    if current.phase in ("finalizing", "finalized"):
        raise _wrong(current, "what there was before is gone, and can't be brought back.")
    if current.phase in ("rotating", "verifying"):
        raise _wrong(current, "it can be rolled back once that has ended. Run with O(state=rotated) to wait for it.")
    action = "wait" if current.phase == "rolling-back" else "roll_back"
    return [_change(current, action, "rolled-back")]


def _finalized(wanted: Wanted, current: Current) -> list[Change]:
    changes = []
    if current.phase in ("rotated", "rolled-back"):
        until = current.told.get("finalize_from")
        if until and current.now < datetime.datetime.fromisoformat(until):
            raise _wrong(current, f"it may be finalized from {until} on, since sessions and caches live until then.")
        changes.append(_change(current, "finalize", "finalized"))
    elif current.phase == "finalizing":
        changes.append(_change(current, "wait", "finalized"))
    elif current.phase not in ("finalized", "verifying"):
        raise _wrong(current, "only one that is rotated or rolled back can be finalized.")
    others = [region for region in sorted(wanted.regions) if region != current.active_region]
    return changes + [
        _change(current, "finalize", "finalized", region)
        for region in others
        if current.phases.get(region) != "finalized"
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
