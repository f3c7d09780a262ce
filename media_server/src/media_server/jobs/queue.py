# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The SQS job queue. A heartbeat keeps a message invisible while its job runs; afterwards it is deleted or made visible again.

SQS moves a message that is received too often to the dead-letter queue, as the redrive policy says.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from media_server.errors import UnavailableError
from media_server.store.retries import Retries

VISIBLE_AFTER_S = 90
HEARTBEAT_S = 20.0
# SQS allows a visibility timeout of up to 12 hours from the receipt.
LONGEST_S = 12 * 3600 - 300
RECEIVE_WAIT_S = 5


@dataclass(frozen=True)
class Message:
    """A received message: how often it was received, and how long it was in the queue (`waited_s`, in seconds)."""

    text: str
    receipt: str = field(repr=False)
    receives: int
    waited_s: float
    body: dict[str, Any] | None


class JobQueue:
    """The queue at `url`. Only the holder of a receipt changes the message, so the calls need no lock."""

    def __init__(self, client: Any, url: str, *, retries: Retries | None = None) -> None:
        self._client = client
        self._url = url
        self._retries = retries or Retries(deadline_s=15)
        self._most_receives: int | None = None

    def send(self, body: dict[str, Any]) -> None:
        """Queue a job."""
        text = json.dumps(body, sort_keys=True)
        self._retries("queue a job", lambda: self._client.send_message(QueueUrl=self._url, MessageBody=text))

    def receive(self, wait_s: int = RECEIVE_WAIT_S) -> Message | None:
        """Return the next message, or None if none arrives within `wait_s` seconds."""
        answer = self._client.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=1,
            WaitTimeSeconds=wait_s,
            VisibilityTimeout=VISIBLE_AFTER_S,
            MessageSystemAttributeNames=["ApproximateReceiveCount", "SentTimestamp"],
        )
        for item in answer.get("Messages", []):
            attributes = item.get("Attributes", {})
            sent = int(attributes.get("SentTimestamp", time.time() * 1000)) / 1000
            return Message(
                text=item["Body"],
                receipt=item["ReceiptHandle"],
                receives=int(attributes.get("ApproximateReceiveCount", 1)),
                waited_s=max(0.0, time.time() - sent),
                body=_parsed(item["Body"]),
            )
        return None

    def remove(self, message: Message) -> None:
        """Delete the message of a finished job, or of one that can never succeed."""
        request = {"QueueUrl": self._url, "ReceiptHandle": message.receipt}
        self._retries("remove a job", lambda: self._client.delete_message(**request))

    def change_visibility(self, message: Message, seconds: int) -> None:
        """Change the visibility timeout of the message to `seconds`; 0 makes it available at once."""
        request = {"QueueUrl": self._url, "ReceiptHandle": message.receipt, "VisibilityTimeout": seconds}
        self._retries("change the visibility of a job", lambda: self._client.change_message_visibility(**request))

    def delay(self, message: Message, seconds: int) -> None:
        """Delay the message by `seconds` (at most 900) and reset its receive count, by sending a copy and deleting the original.

        For a moment both exist, and an interruption leaves both. That is safe: jobs are idempotent.
        """
        request = {"QueueUrl": self._url, "MessageBody": message.text, "DelaySeconds": seconds}
        self._retries("delay a job", lambda: self._client.send_message(**request))
        self.remove(message)

    def depth(self) -> dict[str, int]:
        """Return the approximate number of waiting and running messages, as SQS reports them."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=names)["Attributes"]
        return {"waiting": int(answer[names[0]]), "running": int(answer[names[1]])}

    def is_last(self, message: Message) -> bool:
        """Return whether the message goes to the dead-letter queue unless it is deleted this time."""
        if self._most_receives is None:
            request = {"QueueUrl": self._url, "AttributeNames": ["RedrivePolicy"]}
            answer = self._retries("read the redrive policy", lambda: self._client.get_queue_attributes(**request))
            policy = json.loads(answer.get("Attributes", {}).get("RedrivePolicy", "{}"))
            self._most_receives = int(policy.get("maxReceiveCount", 0))
        # With maxReceiveCount 1 the only receipt is an attempt.
        return 1 < self._most_receives <= message.receives


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


class Heartbeat:
    """Keeps a message invisible while its `with` block runs. `lost` is set when another worker may have received it."""

    def __init__(
        self, queue: JobQueue, message: Message, *, every_s: float = HEARTBEAT_S, longest_s: float = LONGEST_S
    ) -> None:
        self._queue = queue
        self._message = message
        self._every_s = every_s
        self._longest_s = longest_s
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self.lost = threading.Event()

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.end()

    def end(self) -> None:
        """Stop the heartbeat."""
        self._ended.set()
        if self._thread is not threading.current_thread():
            self._thread.join()

    def _beat(self) -> None:
        began = time.monotonic()
        confirmed = began
        while not self._ended.wait(self._every_s):
            if time.monotonic() - began > self._longest_s:
                self.lost.set()
                return
            try:
                self._queue.change_visibility(self._message, VISIBLE_AFTER_S)
                confirmed = time.monotonic()
            except (BotoCoreError, ClientError, UnavailableError):
                if time.monotonic() - confirmed > VISIBLE_AFTER_S:
                    self.lost.set()
                    return
