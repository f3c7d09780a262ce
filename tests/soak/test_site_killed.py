# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""`site.yml` killed at ten random moments, two in each of five builds, and run again to the same end state each time."""

from __future__ import annotations

import dataclasses

import pytest

from tests.support import kills, playbooks, snapshot
from tests.support.labs import running_lab

KILLS = 10


@pytest.mark.soak
def test_ten_killed_runs_converge(tmp_path, evidence):
    with running_lab(tmp_path / "reference", instances=True) as lab:
        reference = playbooks.run(lab).succeeded()
        expected = snapshot.digest(lab)
    seed = 20261122
    moments = kills.moments(KILLS, reference.seconds, seed)
    # The later one first: the run that takes up what it left is killed early, and so before it could end.
    pairs = [(moments[-1 - number], moments[number]) for number in range(KILLS // 2)]
    results = [kills.kill_and_complete(tmp_path / str(number), pair, expected) for number, pair in enumerate(pairs)]
    assert all(kill.running for result in results for kill in result.kills), results
    evidence(
        "site-killed",
        {
            "seed": seed,
            "undisturbed_build_seconds": round(reference.seconds, 1),
            "builds": [dataclasses.asdict(result) for result in results],
            "converged": len(results),
        },
    )
