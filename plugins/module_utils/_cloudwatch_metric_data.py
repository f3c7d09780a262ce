# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Check data points, and bring them into the form of PutMetricData. Pure functions, no client."""

from __future__ import annotations

import math
import typing as t

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html and API_MetricDatum.html
MOST_POINTS = 1000
MOST_DIMENSIONS = 30
UNITS = ["Seconds", "Milliseconds", "Bytes", "Percent", "Count", "Bytes/Second", "Count/Second", "None"]


def problems(namespace: str, metrics: t.Sequence[t.Mapping[str, t.Any]]) -> list[str]:
    """Return what CloudWatch would refuse."""
    found = []
    if namespace.startswith("AWS/"):
        found.append(f"O(namespace) is {namespace}: AWS/ is Amazon's own, take another.")
    if len(metrics) > MOST_POINTS:
        found.append(f"O(metrics) has {len(metrics)} data points: one call takes {MOST_POINTS}.")
    for metric in metrics:
        if not math.isfinite(metric["value"]):
            found.append(f"O(metrics) has {metric['value']} for {metric['name']}: only finite numbers can be put.")
        if len(metric["dimensions"]) > MOST_DIMENSIONS:
            found.append(f"O(metrics) has more than {MOST_DIMENSIONS} dimensions for {metric['name']}.")
    return found


def data_points(metrics: t.Sequence[t.Mapping[str, t.Any]]) -> list[dict[str, t.Any]]:
    """Return the points as PutMetricData takes them."""
    return [
        {
            "MetricName": metric["name"],
            "Value": metric["value"],
            "Unit": metric["unit"],
            "Dimensions": [{"Name": name, "Value": str(value)} for name, value in sorted(metric["dimensions"].items())],
        }
        for metric in metrics
    ]
