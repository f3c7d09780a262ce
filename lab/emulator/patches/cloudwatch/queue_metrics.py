# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""SQS tells CloudWatch every minute how many messages a queue holds, and Auto Scaling how large a group is if it was asked to.

The emulator publishes neither, so that no alarm on a backlog ever sees one. Here they are published at every pass of the
EC2 reconciler and whenever somebody asks CloudWatch, once a minute (of `LAB_ALARM_MINUTE_SECONDS`).
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import ministack.services.autoscaling as scaling
import ministack.services.cloudwatch as cloudwatch
import ministack.services.sqs as sqs
from ministack.core.responses import AccountRegionScopedDict

from lab.emulator.autoscaling import converge
from lab.emulator.state.alarms import MINUTE

_COUNTED = {
    "ApproximateNumberOfMessagesVisible": "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible": "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed": "ApproximateNumberOfMessagesDelayed",
}
_published = AccountRegionScopedDict()  # namespace, metric, name -> when, in Unix seconds


def _of_queues() -> Iterator[tuple[str, dict, str, float]]:
    for queue in list(sqs._queues.values()):
        sqs._refresh_counts(queue)
        dimensions = {"QueueName": queue["name"]}
        for metric, attribute in _COUNTED.items():
            yield "AWS/SQS", dimensions, metric, float(queue["attributes"][attribute])
        waiting = [item["sent_at"] for item in queue["messages"]]
        yield "AWS/SQS", dimensions, "ApproximateAgeOfOldestMessage", time.time() - min(waiting, default=time.time())


def _of_groups() -> Iterator[tuple[str, dict, str, float]]:
    for group in list(scaling._asgs.values()):
        serving = sum(item["LifecycleState"] == "InService" for item in group["Instances"])
        sizes = {
            "GroupMinSize": group["MinSize"],
            "GroupMaxSize": group["MaxSize"],
            "GroupDesiredCapacity": group["DesiredCapacity"],
            "GroupInServiceInstances": serving,
            "GroupTotalInstances": len(group["Instances"]),
        }
        for metric in set(sizes) & set(group.get("_metrics", [])):
            dimensions = {"AutoScalingGroupName": group["AutoScalingGroupName"]}
            yield "AWS/AutoScaling", dimensions, metric, float(sizes[metric])


def _publish() -> None:
    now = time.time()
    for source in (_of_queues, _of_groups):
        for namespace, dimensions, metric, value in source():
            key = (namespace, metric, *dimensions.values())
            if now - _published.get(key, 0.0) >= MINUTE:
                _published[key] = now
                cloudwatch.record_metric(namespace, metric, value, "Count", dimensions)


def apply() -> None:
    handle = cloudwatch.handle_request

    async def handle_request(method, path, headers, body, query_params):
        _publish()
        return await handle(method, path, headers, body, query_params)

    cloudwatch.handle_request = handle_request
    converge.watches.append(_publish)
