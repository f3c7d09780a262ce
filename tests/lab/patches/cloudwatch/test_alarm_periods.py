# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import uuid


def aws_behaviour(clients) -> bool:
    """Without data an alarm goes off where that counts as breaching; only data of its own dimensions calm it."""
    cloudwatch, namespace = clients("cloudwatch"), f"test-{uuid.uuid4().hex[:8]}"

    def alarm(name: str, treatment: str) -> None:
        cloudwatch.put_metric_alarm(
            AlarmName=f"{namespace}-{name}",
            Namespace=namespace,
            MetricName="Proofs",
            Dimensions=[{"Name": "Engine", "Value": "ClickHouse"}],
            Statistic="SampleCount",
            ComparisonOperator="LessThanThreshold",
            Threshold=1,
            Period=3600,
            EvaluationPeriods=2,
            TreatMissingData=treatment,
        )

    def put(engine: str) -> None:
        point = {"MetricName": "Proofs", "Value": 1, "Dimensions": [{"Name": "Engine", "Value": engine}]}
        cloudwatch.put_metric_data(Namespace=namespace, MetricData=[point])

    def states() -> list[str]:
        found = cloudwatch.describe_alarms(AlarmNamePrefix=namespace)["MetricAlarms"]
        return [item["StateValue"] for item in sorted(found, key=lambda item: item["AlarmName"])]

    alarm("a-breaching", "breaching")
    alarm("b-ignore", "ignore")
    seen = [states()]
    for engine in ("MySQL", "ClickHouse"):
        put(engine)
        seen.append(states())
    return seen == [["ALARM", "INSUFFICIENT_DATA"], ["ALARM", "INSUFFICIENT_DATA"], ["OK", "OK"]]


def test_cloudwatch_alarm_periods(patched_only):
    patched_only("cloudwatch.alarm_periods", aws_behaviour)
