# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code
from tests.support.groups import Group, make_group

_METRIC = {"Namespace": "Media", "MetricName": "BacklogPerInstance"}


def _publish(group: Group, value: float) -> None:
    group.api("cloudwatch").put_metric_data(
        Namespace="Media", MetricData=[{"MetricName": _METRIC["MetricName"], "Value": value}]
    )


def aws_behaviour(clients) -> bool:
    """A step policy adds by how far its metric is from its alarm's threshold, once a period; activities of its doing say so."""
    group = make_group(clients, "stepped", "10.86", 1, MaxSize=4)
    scaling, name = group.api(), {"AutoScalingGroupName": group.name}
    policy = scaling.put_scaling_policy(
        **name,
        PolicyName="backlog",
        PolicyType="StepScaling",
        AdjustmentType="ChangeInCapacity",
        EstimatedInstanceWarmup=0,
        StepAdjustments=[
            {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 10, "ScalingAdjustment": 1},
            {"MetricIntervalLowerBound": 10, "ScalingAdjustment": 2},
        ],
    )["PolicyARN"]
    scaling.put_scaling_policy(**name, PolicyName="other", PolicyType="SimpleScaling", ScalingAdjustment=1)
    group.api("cloudwatch").put_metric_alarm(
        **_METRIC,
        AlarmName="stepped",
        Statistic="Average",
        Period=60,
        EvaluationPeriods=1,
        Threshold=10,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[policy],
    )
    before = len(group.instances())
    _publish(group, 25.0)
    after = [len(group.instances()), len(group.instances())]
    causes = [item["Cause"] for item in group.activities()]
    group.api("ec2").terminate_instances(InstanceIds=group.instances()[:1])
    replaced = next(item["Cause"] for item in group.activities() if item["Description"].startswith("Launching"))
    named = scaling.describe_policies(**name, PolicyNames=["backlog"])["ScalingPolicies"]
    too_many = error_code(scaling.set_desired_capacity, **name, DesiredCapacity=5)
    group.delete()
    return (
        (before, after) == (1, [3, 3])
        and "alarm stepped in state ALARM triggered policy backlog" in causes[0]
        and "alarm" not in replaced
        and [item["PolicyName"] for item in named] == ["backlog"]
        and too_many == "ValidationError"
    )


def test_auto_scaling_policies(patched_only):
    patched_only("autoscaling.policies", aws_behaviour)
