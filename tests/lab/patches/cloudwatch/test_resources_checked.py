# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.rights import ACCOUNT, allowed, user_with


def aws_behaviour(clients) -> bool:
    """Metrics can be put into the namespace that the policy names, and alarms of the names that it names be looked at."""
    statements = [
        {
            "Action": "cloudwatch:PutMetricData",
            "Resource": "*",
            "Condition": {"StringEquals": {"cloudwatch:namespace": "own"}},
        },
        {
            "Action": ["cloudwatch:DescribeAlarms", "cloudwatch:DeleteAlarms"],
            "Resource": f"arn:aws:cloudwatch:*:{ACCOUNT}:alarm:own-*",
        },
    ]
    cloudwatch = clients("cloudwatch", key=user_with(clients, statements)[1])
    points = [{"MetricName": "a", "Value": 1}]
    return (
        allowed(cloudwatch.put_metric_data, Namespace="own", MetricData=points),
        allowed(cloudwatch.put_metric_data, Namespace="foreign", MetricData=points),
        allowed(cloudwatch.describe_alarms, AlarmNames=["own-a", "own-b"]),
        allowed(cloudwatch.describe_alarms, AlarmNames=["own-a", "foreign"]),
        allowed(cloudwatch.describe_alarms),
        allowed(cloudwatch.delete_alarms, AlarmNames=["foreign"]),
    ) == (True, False, True, False, False, False)


def test_cloudwatch_resources_checked(patched_only):
    patched_only("cloudwatch.resources_checked", aws_behaviour)
