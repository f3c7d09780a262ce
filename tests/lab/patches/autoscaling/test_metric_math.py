# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import time

from tests.support.answers import error_code
from tests.support.groups import make_group


def _metric(name: str, metric: str, tracked: bool) -> dict:
    named = {"Namespace": "Media", "MetricName": metric, "Dimensions": [{"Name": "Queue", "Value": "one"}]}
    return {"Id": name, "MetricStat": {"Metric": named, "Stat": "Average"}, "ReturnData": tracked}


def aws_behaviour(clients) -> bool:
    """A policy on what two metrics come to is kept as it was put, has its alarms, and is followed."""
    group = make_group(clients, "computed", "10.87", 1, MaxSize=4)
    scaling, watching = group.api(), group.api("cloudwatch")
    read = [_metric("jobs", "Jobs", False), _metric("hosts", "Hosts", False)]
    computed = {"Id": "per_host", "Expression": "IF(hosts > 0, jobs / hosts, jobs)", "ReturnData": True}

    def put(*, metrics: list[dict]) -> dict:
        tracking = {"TargetValue": 2.0, "CustomizedMetricSpecification": {"Metrics": metrics}}
        return scaling.put_scaling_policy(
            AutoScalingGroupName=group.name,
            PolicyName="per-host",
            PolicyType="TargetTrackingScaling",
            TargetTrackingConfiguration=tracking,
        )

    two_tracked = error_code(put, metrics=[_metric("jobs", "Jobs", True), computed])
    no_math = error_code(put, metrics=[*read, computed | {"Expression": "ANOMALY_DETECTION_BAND(jobs)"}])
    alarms = [alarm["AlarmName"] for alarm in put(metrics=[*read, computed])["Alarms"]]
    if not alarms:
        return False
    found = scaling.describe_policies(AutoScalingGroupName=group.name)["ScalingPolicies"]
    kept = found[0]["TargetTrackingConfiguration"]["CustomizedMetricSpecification"]["Metrics"]
    dimensions = [{"Name": "Queue", "Value": "one"}]
    data = [
        {"MetricName": name, "Value": value, "Dimensions": dimensions}
        for name, value in (("Jobs", 9.0), ("Hosts", 2.0))
    ]
    watching.put_metric_data(Namespace="Media", MetricData=data)
    group.instances()
    alarm = watching.describe_alarms(AlarmNames=alarms[:1])["MetricAlarms"][0]
    points = watching.get_metric_statistics(
        Namespace=alarm["Namespace"],
        MetricName=alarm["MetricName"],
        Dimensions=alarm["Dimensions"],
        StartTime=time.time() - 300,
        EndTime=time.time() + 60,
        Period=60,
        Statistics=["Average"],
    )["Datapoints"]
    grown = len(group.instances())
    group.delete()
    return (
        (two_tracked, no_math) == ("ValidationError", "ValidationError")
        and kept == [*read, computed]
        and len(alarms) == 2
        and [point["Average"] for point in points] == [4.5]
        and grown == 3
    )


def test_autoscaling_metric_math(patched_only):
    patched_only("autoscaling.metric_math", aws_behaviour)
