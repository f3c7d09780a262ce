# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The capacity that scaling policies ask for."""

from __future__ import annotations

import pytest

from lab.emulator.autoscaling import step_scaling, target_tracking
from lab.emulator.autoscaling.target_tracking import Capacity


@pytest.mark.parametrize(
    ("desired", "ready", "metric", "wanted"),
    [
        (2, 2, 10.0, 2),
        (2, 2, 25.0, 5),
        (2, 2, 20.1, 5),  # rounded up
        (2, 2, 500.0, 10),  # the group's largest size
        (5, 2, 25.0, 5),  # three are warming up: that is what was asked for
        (5, 2, 40.0, 8),
        (0, 0, 30.0, 3),
        (4, 4, 9.5, 4),  # close enough
        (4, 4, 5.0, 2),
        (4, 4, 0.0, 1),  # the group's smallest size
        (4, 3, 0.0, 4),  # nothing is taken away while one warms up
    ],
)
def test_target_tracking(desired, ready, metric, wanted):
    assert target_tracking.wanted(Capacity(desired, ready, least=1, most=10), metric, target=10.0) == wanted


def test_target_tracking_that_only_scales_out():
    assert target_tracking.wanted(Capacity(4, 4, 0, 10), 0.0, 10.0, may_scale_in=False) == 4


_STEPS = [
    {"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 10.0, "ScalingAdjustment": 1},
    {"MetricIntervalLowerBound": 10.0, "ScalingAdjustment": 3},
    {"MetricIntervalUpperBound": 0.0, "MetricIntervalLowerBound": -10.0, "ScalingAdjustment": -1},
    {"MetricIntervalUpperBound": -10.0, "ScalingAdjustment": -2},
]


@pytest.mark.parametrize(
    ("breach", "wanted"), [(0.0, 1), (9.9, 1), (10.0, 3), (99.0, 3), (-0.1, -1), (-9.9, -1), (-10.0, -2), (-99.0, -2)]
)
def test_the_step_of_a_breach(breach, wanted):
    assert step_scaling.adjustment_for(_STEPS, breach) == wanted


def test_a_breach_outside_of_all_steps():
    assert step_scaling.adjustment_for(_STEPS[:1], 11.0) is None


@pytest.mark.parametrize(
    ("kind", "adjustment", "magnitude", "wanted"),
    [
        ("ChangeInCapacity", 2, 0, 12),
        ("ExactCapacity", 2, 0, 2),
        ("PercentChangeInCapacity", 25, 0, 12),
        ("PercentChangeInCapacity", 1, 0, 11),
        ("PercentChangeInCapacity", -1, 0, 9),
        ("PercentChangeInCapacity", 10, 4, 14),
        ("PercentChangeInCapacity", -10, 4, 6),
        ("PercentChangeInCapacity", 0, 4, 10),
    ],
)
def test_adjustments(kind, adjustment, magnitude, wanted):
    assert step_scaling.wanted(10, kind, adjustment, magnitude) == wanted
