# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What an expression over metrics comes to."""

from __future__ import annotations

import pytest

from lab.emulator.autoscaling.metric_math import MetricMathError, compute

METRICS = {"jobs": 9.0, "hosts": 2.0, "none": 0.0, "missing": None}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("jobs / hosts", 4.5),
        ("(jobs - 1) * 2 + hosts", 18.0),
        ("IF(none > 0, jobs / none, jobs * 3)", 27.0),
        ("IF(hosts >= 2, jobs, 0)", 9.0),
        ("jobs / none", None),
        ("jobs / missing", None),
        ("IF(missing > 0, 1, 2)", None),
        ("jobs / FILL(missing, 1)", 9.0),
        ("FILL(jobs, 1)", 9.0),
    ],
)
def test_values(expression, value):
    assert compute(expression, METRICS) == value


@pytest.mark.parametrize(
    "expression", ["unknown + 1", "RATE(jobs)", "jobs if hosts else 1", "jobs +", "'text'", "jobs.real"]
)
def test_what_is_not_computed_is_said(expression):
    with pytest.raises(MetricMathError, match="The lab"):
        compute(expression, METRICS)
