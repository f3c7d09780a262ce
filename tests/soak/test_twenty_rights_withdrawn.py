# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Twenty rights taken out of the operator's policies, one at a time: each run stops or warns, and names the action."""

from __future__ import annotations

import dataclasses

import pytest

from tests.support import withdrawal
from tests.support.labs import running_lab

WITHDRAWALS = 20


@pytest.mark.soak
def test_twenty_missing_rights_are_named(tmp_path, evidence):
    seed = 20261124
    with running_lab(tmp_path / "lab") as lab:
        results = [withdrawal.run_without(lab, action) for action in withdrawal.drawn(WITHDRAWALS, seed)]
    evidence(
        "rights-withdrawn",
        {
            "seed": seed,
            "withdrawals": [dataclasses.asdict(result) for result in results],
            "stopped": sum(result.stopped for result in results),
            "warned": sum(not result.stopped for result in results),
        },
    )
