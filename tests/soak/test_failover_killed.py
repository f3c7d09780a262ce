# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A failover is killed at every write of its journal and resumed from another checkout: one writer, no loss but what is stated."""

from __future__ import annotations

import datetime
import time
from pathlib import Path

import pytest

from tests.support.labs import running_lab
from tests.support.two_regions import HERE, Load, TwoRegions, other_checkout, two_regions

pytestmark = pytest.mark.soak

PLANNED = [(number, when) for number in range(1, 9) for when in ("before", "after")]
EMERGENCY = [(number, when) for number in range(1, 8) for when in ("before", "after")]


@pytest.fixture(scope="module")
def kills(evidence):
    """What each killed run had been doing, and which rows were lost; written down once all of them are over."""
    found: list[dict] = []
    yield found
    evidence(
        "failover-killed",
        {
            "threads": 8,
            "simulated": "the AWS API; both servers are real, on one machine",
            "rows_lost_outside_the_stated_span": sum(item["lost_outside"] for item in found),
            "kills": found,
        },
    )


@pytest.fixture(scope="module")
def regions(tmp_path_factory):
    with running_lab(tmp_path_factory.mktemp("lab"), instances=True) as lab:
        regions = two_regions(lab)
        regions.heartbeat(HERE)
        yield regions


def _killed(regions: TwoRegions, mode: str, target: str, die: tuple[int, str], folder: Path) -> tuple[dict, str]:
    """The run that resumed, and what the killed one had been doing."""
    regions.killed(mode, target, die)
    journal = regions.journal(target)
    left_at = "nothing" if journal.get("outcome") else journal.get("doing") or "between"
    again = regions.moved(mode, target, collections=other_checkout(folder), cwd=folder)
    return again["failover"], left_at


@pytest.mark.parametrize("die", PLANNED, ids=str)
def test_a_planned_one_loses_no_row(regions, tmp_path, kills, die):
    target, left = regions.make_ready(), regions.active
    with regions.load() as load:
        time.sleep(2)
        failover, left_at = _killed(regions, "planned", target, die, tmp_path)
        time.sleep(1)
    lost = load.lost(regions.rows(target))
    kills.append(_told("planned", die, left_at, load, lost, lost))
    assert failover["outcome"] == "done"
    assert lost == {}
    assert [regions.takes_writes(region) for region in (left, target)] == [False, True]
    regions.rebuild(left)


@pytest.mark.parametrize("die", EMERGENCY, ids=str)
def test_an_emergency_loses_nothing_outside_its_stated_span(regions, tmp_path, kills, die):
    target, left = regions.make_ready(), regions.active
    with regions.load() as load:
        time.sleep(2)
        regions.unlink(left)
        time.sleep(0.5)
        regions.lose(left)
        _first, left_at = _killed(regions, "emergency", target, die, tmp_path)
        time.sleep(1)
        regions.come_back(left)
        failover = regions.moved("emergency", target)["failover"]
        time.sleep(1)
    lost = load.lost(regions.rows(target))
    outside = _outside(lost, failover["loss"])
    kills.append(_told("emergency", die, left_at, load, lost, outside))
    assert failover["outcome"] == "done"
    assert outside == {}
    assert [regions.takes_writes(region) for region in (left, target)] == [False, True]
    regions.rebuild(left)


def _outside(lost: dict, loss: dict) -> dict:
    since, until = (datetime.datetime.fromisoformat(loss[end]).timestamp() for end in ("since", "until"))
    return {row: at for row, at in lost.items() if not since <= at <= until}


def _told(mode: str, die: tuple[int, str], left_at: str, load: Load, lost: dict, outside: dict) -> dict:
    number, when = die
    told = {"mode": mode, "killed": f"{when} write {number} of the journal", "while": left_at}
    told |= {"acknowledged": len(load.acknowledged), "lost": len(lost), "lost_outside": len(outside)}
    print(told)
    return told
