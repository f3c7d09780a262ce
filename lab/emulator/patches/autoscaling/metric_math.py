# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A target tracking policy may track what several metrics come to (metric math), such as the length of a queue for each instance.

The emulator keeps such a policy, and gives it no alarms. Here its metric is computed at every pass of the EC2 reconciler and
published once a minute (of `LAB_ALARM_MINUTE_SECONDS`) under a name of its own, which its alarms read; on AWS they hold the
queries themselves.
https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-target-tracking-metric-math.html
"""

from __future__ import annotations

import time

import ministack.services.autoscaling as scaling
import ministack.services.cloudwatch as cloudwatch

from lab.emulator.autoscaling import converge
from lab.emulator.autoscaling.metric_math import MetricMathError, Value, compute
from lab.emulator.state.alarms import MINUTE

_NAMESPACE = "Lab/MetricMath"
_TRACKING, _SPECIFICATION = "TargetTrackingConfiguration", "CustomizedMetricSpecification"


def _queries(policy: dict) -> list[dict]:
    return policy.get(_TRACKING, {}).get(_SPECIFICATION, {}).get("Metrics", [])


def _newest(query: dict) -> Value:
    """Return the statistic of a metric's newest point, of the last two minutes: one of them may not be over yet."""
    metric, since = query["MetricStat"]["Metric"], time.time() - 2 * MINUTE
    dimensions = {item["Name"]: item["Value"] for item in metric.get("Dimensions", [])}
    key = (metric["Namespace"], metric["MetricName"], cloudwatch._dims_key(dimensions))
    points = [point for point in cloudwatch._metrics.get(key, []) if point["Timestamp"] > since][-1:]
    statistics = cloudwatch._calc_stats(points)
    return cloudwatch._stat_value(statistics, query["MetricStat"]["Stat"], points) if statistics else None


def tracked(queries: list[dict]) -> Value:
    """Return what the tracked query comes to now; expressions may use those that stand before them."""
    values: dict[str, Value] = {}
    for query in queries:
        values[query["Id"]] = compute(query["Expression"], values) if "Expression" in query else _newest(query)
    return next((values[query["Id"]] for query in queries if query.get("ReturnData", "true") == "true"), None)


def _publish() -> None:
    for policy in list(scaling._policies.values()):
        if not _queries(policy) or time.time() - policy.get("_published_at", 0) < MINUTE:
            continue
        value = tracked(_queries(policy))
        if value is not None:
            policy["_published_at"] = time.time()
            dimensions = {"PolicyARN": policy["PolicyARN"]}
            cloudwatch.record_metric(_NAMESPACE, policy["PolicyName"], value, "None", dimensions)


def _put(put):
    def checked(params: dict) -> tuple:
        queries = _queries({_TRACKING: scaling._parse_nested(params, _TRACKING)})
        if not queries:
            return put(params)
        if sum(query.get("ReturnData", "true") == "true" for query in queries) != 1:
            return scaling._error("ValidationError", "Exactly one element of the metrics list should return data.")
        try:
            tracked(queries)
        except MetricMathError as error:
            return scaling._error("ValidationError", str(error))
        return _put_computed(put, params, queries)

    return checked


def _put_computed(put, params: dict, queries: list[dict]) -> tuple:
    """Put the policy with its metric's stand-in, so that it has alarms, and keep it as it was asked for."""
    computed = f"{_TRACKING}.{_SPECIFICATION}."
    answer = put({name: value for name, value in params.items() if not name.startswith(computed)})
    if answer[0] != 200:
        return answer
    policy = scaling._policies[f"{scaling._p(params, 'AutoScalingGroupName')}/{scaling._p(params, 'PolicyName')}"]
    tracking = policy[_TRACKING]
    tracking[_SPECIFICATION] = {
        "Namespace": _NAMESPACE,
        "MetricName": policy["PolicyName"],
        "Statistic": "Average",
        "Dimensions": [{"Name": "PolicyARN", "Value": policy["PolicyARN"]}],
    }
    scaling._put_tracking_alarms(policy)
    tracking[_SPECIFICATION] = {"Metrics": queries}
    told = f"<PolicyARN>{policy['PolicyARN']}</PolicyARN><Alarms>{scaling._member_xml(policy['Alarms'])}</Alarms>"
    return scaling._xml(200, "PutScalingPolicyResponse", f"<PutScalingPolicyResult>{told}</PutScalingPolicyResult>")


def apply() -> None:
    scaling._ACTION_MAP["PutScalingPolicy"] = _put(scaling._ACTION_MAP["PutScalingPolicy"])
    converge.watches.append(_publish)
