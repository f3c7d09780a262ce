# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Fail over while one call fails, run again until it is done, and judge what became of rows and writers."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from tests.support.faults import Fault
from tests.support.two_regions import Load, TwoRegions

# What a failover takes, its looks at the promotion included: most faults are drawn within it.
CALLS = 75
_RUNS = 5


def fail_over(
    regions: TwoRegions, fault: Fault, again: Fault | None = None, *, mode: str = "planned"
) -> dict[str, Any]:
    """Run a failover with a fault, then others (the first of them with `again`) until it is done. Both regions answer.

    Asserts that no acknowledged row is lost, that there were never two writers, and that one is open at the end. Some applications
    follow the record; one in each region never does.
    """
    target, left = regions.passive, regions.active
    runs: list[str] = []
    with regions.load(4, stubborn=True) as load:
        time.sleep(1)
        for number in range(_RUNS):
            answer = regions.failover(mode, target, fault={0: fault, 1: again}.get(number))
            runs.append(_outcome(answer))
            if regions.journal(target).get("outcome") == "done" and not answer.get("failed") and not answer["killed"]:
                break
        time.sleep(1)
    log = Path(fault.log)
    said = {
        "fault": log.read_text().splitlines()[0] if log.exists() else f"none: {fault.kind} at call {fault.call}",
        "mode": mode,
        "runs": runs,
        "acknowledged": len(load.acknowledged),
    }
    told = f"{said}: {answer.get('msg')}"
    assert regions.journal(target).get("outcome") == "done", told
    assert regions.record(left) == regions.record(target), told
    assert load.lost(regions.rows(target)) == {}, told
    assert two_writers(load, left, target) == 0, told
    assert [regions.takes_writes(region) for region in (left, target)] == [False, True], told
    return said


def two_writers(load: Load, left: str, target: str) -> float:
    """Return for how many seconds both servers took rows."""
    ends = {
        region: [at for at, where in load.acknowledged.values() if f".{region}." in where] for region in (left, target)
    }
    assert ends[left], "nobody wrote before"
    assert ends[target], "nobody wrote afterwards"
    return max(0.0, max(ends[left]) - min(ends[target]))


def _outcome(answer: dict[str, Any]) -> str:
    if answer["killed"]:
        return "killed"
    if not answer.get("failed"):
        return "done"
    return (answer.get("failover") or {}).get("outcome") or "not begun"
