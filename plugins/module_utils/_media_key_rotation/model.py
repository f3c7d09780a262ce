# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Model a rotation as it is wanted and as the media servers report it, and plan the changes. Pure functions."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

# The levels of a verification.
LEVELS = ("none", "sample", "all")
# The phases that end by themselves, with the action that leads to them.
WAITED = {"rotating": "rotate", "verifying": "verify", "rolling-back": "roll_back", "finalizing": "finalize"}


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What the options ask for; ``request`` is sent to the server."""

    state: str
    verify: str
    regions: t.Sequence[str]
    request: t.Mapping[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Current:
    """The rotation as the active region's server reports it, and its phase by region (`absent`: not arrived there)."""

    active_region: str
    reported: t.Mapping[str, t.Any]
    phases: t.Mapping[str, str]
    now: datetime.datetime

    @property
    def phase(self) -> str:
        """Return its phase in the active region."""
        return str(self.reported["phase"])

    @property
    def name(self) -> str:
        """Name it as changes do."""
        return f"rotation {self.reported['rotation_id']} in {self.active_region}"


def plan(wanted: Wanted, current: Current) -> list[Change]:
    """Plan the changes. Raise PlatformError where the phase of the rotation doesn't allow them."""
    return {"rotated": _rotated, "rolled_back": _rolled_back, "finalized": _finalized}[wanted.state](wanted, current)


def _change(current: Current, action: str, after: t.Any, region: str | None = None) -> Change:
    """Make a change. Its data is the request to send to the server of its region."""
    data = WAITED[current.phase] if action == "wait" else action
    name = f"rotation {current.reported['rotation_id']} in {region}" if region else current.name
    # A verification is a change beside that of the rotation which it verifies.
    title = f"verification of {name}" if action == "verify" else name
    phase = current.phases.get(region, "absent") if region else current.phase
    before = current.reported["verification"] if action == "verify" else phase
    kind, rotation = "verification" if action == "verify" else "rotation", current.reported["rotation_id"]
    return Change(action, kind, rotation, before, after, region or current.active_region, title, data=data)


def _wrong(current: Current, why: str) -> PlatformError:
    return PlatformError(f"{current.name[0].upper()}{current.name[1:]} is {current.phase}: {why} Nothing was changed.")


def _rotated(wanted: Wanted, current: Current) -> list[Change]:
    if current.phase == "rolling-back":
        raise _wrong(current, "Fix: wait until that has ended, with O(state=rolled_back).")
    changes = []
    if current.phase in ("planned", "incomplete", "rolled-back") and current.reported["plan"]["assets"]:
        changes.append(_change(current, "rotate", dict(current.reported["plan"])))
    elif current.phase == "rotating":
        changes.append(_change(current, "wait", "rotated"))
    if current.reported["plan"]["assets"] and not is_verified(current.reported, wanted.verify):
        changes.append(_change(current, "verify", {"level": wanted.verify}))
    return changes


def is_verified(reported: t.Mapping[str, t.Any], level: str) -> bool:
    """Return whether a verification that is thorough enough was done, and found nothing."""
    if level == "none":
        return True
    found = reported.get("verification") or {}
    return bool(found) and not found["failed"] and LEVELS.index(found["level"]) >= LEVELS.index(level)


def _rolled_back(_wanted: Wanted, current: Current) -> list[Change]:
    if current.phase in ("planned", "rolled-back"):
        return []
    if current.phase in ("finalizing", "finalized"):
        raise _wrong(current, "the old keys and versions are gone, and can't be restored.")
    if current.phase in ("rotating", "verifying"):
        raise _wrong(
            current, "it can be rolled back once that has ended. Fix: run with O(state=rotated) to wait for it."
        )
    action = "wait" if current.phase == "rolling-back" else "roll_back"
    return [_change(current, action, "rolled-back")]


def _finalized(wanted: Wanted, current: Current) -> list[Change]:
    changes = []
    if current.phase in ("rotated", "rolled-back"):
        until = current.reported.get("finalize_from")
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


def in_words(reported: t.Mapping[str, t.Any]) -> str:
    """Describe the progress: what is done, since when, and how long it will take."""
    figures, shards = reported["plan"], reported["shards"]
    elapsed = reported["elapsed_s"]
    done = f"{reported['done']} of {figures['assets']} assets" if reported["phase"] == "rotating" else ""
    parts = f"{shards['done']} of {shards['total']} parts"
    left = remaining(reported)
    left_in_words = f", about {left:.0f} s left" if left is not None else f", {figures['expected_s']:.0f} s expected"
    return f"{reported['phase']}: {', '.join(filter(None, (done, parts)))} after {elapsed:.0f} s{left_in_words}"


def remaining(reported: t.Mapping[str, t.Any]) -> float | None:
    """Estimate the seconds that are left, from what was done so far; None where nothing is done yet."""
    shards = reported["shards"]
    if not shards["done"] or not shards["total"]:
        return None
    return reported["elapsed_s"] * (shards["total"] - shards["done"]) / shards["done"]


def failures_in_words(reported: t.Mapping[str, t.Any]) -> str:
    """Describe the first failures."""
    shown = [f"{item['item']} ({item['code']}: {item['message']})" for item in reported["failures"][:3]]
    more = reported["failed"] - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more > 0 else "")
