# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import datetime

from tests.support.groups import make_group


def aws_behaviour(clients) -> bool:
    """A queue's backlog and a group's size stand in CloudWatch."""
    group = make_group(clients, "counted", "10.85", 2)
    group.api().enable_metrics_collection(AutoScalingGroupName=group.name, Granularity="1Minute")
    group.instances()
    sqs = group.api("sqs")
    queue = sqs.create_queue(QueueName="counted")["QueueUrl"]
    for number in range(3):
        sqs.send_message(QueueUrl=queue, MessageBody=str(number))

    def latest(namespace: str, metric: str, **dimensions: str) -> float | None:
        now = datetime.datetime.now(datetime.UTC)
        found = group.api("cloudwatch").get_metric_statistics(
            Namespace=namespace,
            MetricName=metric,
            Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
            StartTime=now - datetime.timedelta(minutes=5),
            EndTime=now + datetime.timedelta(minutes=5),
            Period=60,
            Statistics=["Maximum"],
        )["Datapoints"]
        return found[-1]["Maximum"] if found else None

    waiting = latest("AWS/SQS", "ApproximateNumberOfMessagesVisible", QueueName="counted")
    serving = latest("AWS/AutoScaling", "GroupInServiceInstances", AutoScalingGroupName="counted")
    sqs.delete_queue(QueueUrl=queue)
    group.delete()
    return (waiting, serving) == (3.0, 2.0)


def test_queue_metrics(patched_only):
    patched_only("cloudwatch.queue_metrics", aws_behaviour)
