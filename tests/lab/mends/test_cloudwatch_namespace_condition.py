# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.rights import allowed, user_with


def aws_behaviour(clients) -> bool:
    """Metrics can be put into the namespace that the policy names, and into no other."""
    statement = {
        "Action": "cloudwatch:PutMetricData",
        "Resource": "*",
        "Condition": {"StringEquals": {"cloudwatch:namespace": "own"}},
    }
    cloudwatch = clients("cloudwatch", key=user_with(clients, [statement])[1])
    points = [{"MetricName": "a", "Value": 1}]
    return (
        allowed(cloudwatch.put_metric_data, Namespace="own", MetricData=points),
        allowed(cloudwatch.put_metric_data, Namespace="foreign", MetricData=points),
    ) == (True, False)


def test_cloudwatch_namespace_condition(mended_only):
    mended_only("cloudwatch_namespace_condition", aws_behaviour)
