# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The writer goes back and forth ten times under load, with the other direction rebuilt each time, and no row is lost."""

from __future__ import annotations

import datetime
import statistics
import time

import pytest

from tests.support.labs import running_lab
from tests.support.two_regions import HERE, two_regions

pytestmark = pytest.mark.soak

TIMES = 10


def test_back_and_forth_ten_times(tmp_path_factory, evidence):
    figures = []
    with running_lab(tmp_path_factory.mktemp("lab"), instances=True) as lab:
        regions = two_regions(lab)
        regions.heartbeat(HERE)
        for number in range(TIMES):
            target = regions.make_ready()
            with regions.load() as load:
                time.sleep(4)
                failover = regions.moved("planned", target, max_lag_ms=200)["failover"]
                time.sleep(2)
            lost = load.lost(regions.rows(target))
            begun = datetime.datetime.fromisoformat(failover["begun_at"]).timestamp()
            ended = begun + failover["timeline"][-1]["at_ms"] / 1000
            outside = [code for at, code in load.errors if not begun <= at <= ended + 1]
            figures.append(
                {name: failover[name] for name in ("write_block_ms", "ours_ms", "aws_ms")}
                | {"acknowledged": len(load.acknowledged), "lost": len(lost), "gap_ms": round(load.gap() * 1000)}
            )
            print(number, figures[-1])
            assert lost == {}
            assert outside == []
            left = regions.passive
            assert [regions.takes_writes(region) for region in (left, target)] == [False, True]
            regions.rebuild(left)
    evidence(
        "failover-switchovers",
        {
            "threads": 8,
            "simulated": "the AWS API, and so aws_ms; both servers are real, on one machine",
            "ours_ms_median": statistics.median(item["ours_ms"] for item in figures),
            "rows_lost": sum(item["lost"] for item in figures),
            "switchovers": figures,
        },
    )
