# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import math

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._cloudwatch_metric_data import (
    data_points,
    problems,
)

POINT = {"name": "Age", "value": 3600.0, "unit": "Seconds", "dimensions": {"Engine": "ClickHouse", "A": 1}}


def test_points_are_as_the_api_takes_them():
    assert data_points([POINT]) == [
        {
            "MetricName": "Age",
            "Value": 3600.0,
            "Unit": "Seconds",
            "Dimensions": [{"Name": "A", "Value": "1"}, {"Name": "Engine", "Value": "ClickHouse"}],
        }
    ]


@pytest.mark.parametrize(
    ("namespace", "metrics", "said"),
    [
        ("AWS/RDS", [POINT], "Amazon's own"),
        ("kc/runner", [POINT] * 1001, "one call takes 1000"),
        ("kc/runner", [POINT | {"value": math.nan}], "only finite numbers"),
        ("kc/runner", [POINT | {"dimensions": dict.fromkeys(range(31), "x")}], "more than 30 dimensions"),
    ],
)
def test_what_cloudwatch_would_refuse_is_said(namespace, metrics, said):
    (found,) = problems(namespace, metrics)
    assert said in found


def test_what_it_takes_is_no_problem():
    assert problems("kc-lab/runner", [POINT] * 1000) == []
