# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations


def aws_behaviour(clients) -> bool:
    """A queue is encrypted unless its maker says no, and by a key that the maker names instead."""
    queues = clients("sqs")

    def told(name: str, **attributes: str) -> str | None:
        url = queues.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        return queues.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"].get(
            "SqsManagedSseEnabled"
        )

    return (
        told("sse-default"),
        told("sse-key", KmsMasterKeyId="alias/a"),
        told("sse-off", SqsManagedSseEnabled="false"),
    ) == (
        "true",
        "false",
        "false",
    )


def test_sqs_encrypted_by_default(patched_only):
    patched_only("sqs.encrypted_by_default", aws_behaviour)
