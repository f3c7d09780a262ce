# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The failover of the database: how long nobody can write, and what is lost. Both servers are real, AWS's part is simulated."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator

from tests.bench.harness import Context, Row, row
from tests.support.labs import running_lab
from tests.support.two_regions import HERE, TwoRegions, two_regions

_SIMULATED = "simulated: the promotion is the lab's; RDS takes minutes"


def measure(context: Context) -> Iterator[Row]:
    """Yield the rows."""
    with running_lab(context.work / "lab", instances=True) as lab:
        regions = two_regions(lab)
        regions.heartbeat(HERE)
        yield from _switchovers(context, regions)
        yield _emergencies(context, regions)


def _switchovers(context: Context, regions: TwoRegions) -> Iterator[Row]:
    before, ours, aws, gaps, acknowledged, lost = os.getloadavg()[0], [], [], [], 0, 0
    for _ in range(context.repeats):
        target = regions.make_ready()
        with regions.load() as load:
            time.sleep(4)
            failover = regions.moved("planned", target, max_lag_ms=200)["failover"]
            time.sleep(2)
        ours.append(failover["ours_ms"])
        aws.append(failover["aws_ms"])
        gaps.append(load.gap() * 1000)
        acknowledged += len(load.acknowledged)
        lost += len(load.lost(regions.rows(target)))
        regions.rebuild(regions.passive)
    yield row(
        "switchover_write_block_ms",
        ours,
        aws,
        (before, os.getloadavg()[0]),
        unit="ms",
        against="AWS's part of the same block",
        bar="<= 1000 ms",
        note=f"our part; 8 writers saw {statistics.median(gaps):.0f} ms without a row, with AWS's part. {_SIMULATED}",
    )
    yield row(
        "switchover_rows_lost",
        [lost],
        [acknowledged],
        (before, os.getloadavg()[0]),
        unit="rows",
        against="rows acknowledged",
        bar="0",
        note=f"in {context.repeats} switchovers under 8 writers",
    )


def _emergencies(context: Context, regions: TwoRegions) -> Row:
    before, outages, aws = os.getloadavg()[0], [], []
    for _ in range(min(3, context.repeats)):
        target, left = regions.make_ready(), regions.active
        with regions.load() as load:
            time.sleep(4)
            regions.lose(left)
            failover = regions.moved("emergency", target)["failover"]
            time.sleep(2)
            regions.come_back(left)
            regions.moved("emergency", target)
        outages.append(load.gap())
        aws.append(failover["aws_ms"] / 1000)
        regions.rebuild(left)
    return row(
        "emergency_outage_s",
        outages,
        aws,
        (before, os.getloadavg()[0]),
        unit="s",
        against="AWS's part of the same outage",
        bar="none",
        note=f"from the last row in the lost region to the first in the other, as 8 writers saw it. {_SIMULATED}",
    )
