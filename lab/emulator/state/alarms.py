# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read the periods of a metric that an alarm evaluates: shared by the patches of CloudWatch and of scaling policies."""

from __future__ import annotations

import os
import time

import ministack.services.cloudwatch as cloudwatch

# How many seconds a minute of an alarm's period lasts in this lab.
MINUTE = float(os.environ.get("LAB_ALARM_MINUTE_SECONDS") or 60)


def period(alarm: dict) -> float:
    """Seconds of one of an alarm's periods."""
    return alarm["Period"] * MINUTE / 60


def values(alarm: dict) -> list[float | None]:
    """Return the statistic of each period that is evaluated, newest first; None where there are no data."""
    dimensions = {item["Name"]: item["Value"] for item in alarm["Dimensions"]}
    key = (alarm["Namespace"], alarm["MetricName"], cloudwatch._dims_key(dimensions))
    points, now, length = cloudwatch._metrics.get(key, []), time.time(), period(alarm)
    found: list[float | None] = []
    for number in range(alarm["EvaluationPeriods"]):
        since, until = now - length * (number + 1), now - length * number
        inside = [point for point in points if since < point["Timestamp"] <= until]
        statistics = cloudwatch._calc_stats(inside)
        name = alarm.get("ExtendedStatistic") or alarm["Statistic"]
        found.append(cloudwatch._stat_value(statistics, name, inside) if statistics else None)
    return found
