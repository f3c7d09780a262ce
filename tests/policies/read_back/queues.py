# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Queues as they are, with their policies."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Iterator

from tests.policies.template import Resource


def queues(sqs: t.Any, prefix: str) -> Iterator[Resource]:
    """The queues whose names begin so."""
    for url in sqs.list_queues(QueueNamePrefix=prefix).get("QueueUrls", []):
        name = url.rpartition("/")[2]
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        properties = {
            "QueueName": name,
            "SqsManagedSseEnabled": found.get("SqsManagedSseEnabled") == "true",
        } | {key: found[key] for key in ("KmsMasterKeyId",) if key in found}
        yield Resource("AWS::SQS::Queue", name, properties)
        if "Policy" in found:
            document = json.loads(found["Policy"])
            yield Resource("AWS::SQS::QueuePolicy", name, {"Queues": [url], "PolicyDocument": document})
