# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""SQS encrypts every new queue with its own key (SSE-SQS), unless the call names a key or says no.

The emulator tells of no encryption where the call says nothing.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-sqs-sse-queue.html
"""

from __future__ import annotations

import ministack.services.sqs as sqs


def apply() -> None:
    create = sqs._HANDLERS["CreateQueue"]

    def create_queue(data: dict, url: str) -> dict:
        answer = create(data, url)
        attributes = sqs._queues[answer["QueueUrl"]]["attributes"]
        attributes.setdefault("SqsManagedSseEnabled", "false" if attributes.get("KmsMasterKeyId") else "true")
        return answer

    sqs._HANDLERS["CreateQueue"] = create_queue
