# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The queue of jobs in SQS: received one by one, kept invisible by a heartbeat while worked on, handed back or removed at the end.

A message that is received more often than the queue's redrive policy allows goes to its dead-letter queue by itself.
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
# SQS keeps no message invisible for longer than 12 hours from its receipt.
LONGEST_S = 12 * 3600 - 300
RECEIVE_WAIT_S = 5


@dataclass(frozen=True)
class Message:
    """A message as it was received, for the `receives`th time, `waited_s` seconds after it was sent."""

    text: str
    receipt: str = field(repr=False)
    receives: int
    waited_s: float
    body: dict[str, Any] | None


class JobQueue:
    """The queue of `url`. Only the receipt's holder changes a message, so its calls need no lock."""

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
        """The next message, if one comes within `wait_s` seconds."""
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
        """The job is done, or never can be."""
        asked = {"QueueUrl": self._url, "ReceiptHandle": message.receipt}
        self._retries("remove a job", lambda: self._client.delete_message(**asked))

    def visible_in(self, message: Message, seconds: int) -> None:
        """Let others receive the message so many seconds from now: 0 hands it back."""
        asked = {"QueueUrl": self._url, "ReceiptHandle": message.receipt, "VisibilityTimeout": seconds}
        self._retries("hand on a job", lambda: self._client.change_message_visibility(**asked))

    def put_off(self, message: Message, seconds: int) -> None:
        """Let the message come again so many seconds from now (at most 900), as one that nobody received yet.

        It is there twice for a moment, and stays so where this is interrupted: jobs commit once, however often they are done.
        """
        asked = {"QueueUrl": self._url, "MessageBody": message.text, "DelaySeconds": seconds}
        self._retries("put off a job", lambda: self._client.send_message(**asked))
        self.remove(message)

    def depth(self) -> dict[str, int]:
        """How many messages wait, and how many are worked on: SQS's own estimate."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=names)["Attributes"]
        return {"waiting": int(answer[names[0]]), "running": int(answer[names[1]])}

    def is_last(self, message: Message) -> bool:
        """Whether the message goes to the dead-letter queue unless it is removed this time."""
        if self._most_receives is None:
            asked = {"QueueUrl": self._url, "AttributeNames": ["RedrivePolicy"]}
            answer = self._retries("read the redrive policy", lambda: self._client.get_queue_attributes(**asked))
            policy = json.loads(answer.get("Attributes", {}).get("RedrivePolicy", "{}"))
            self._most_receives = int(policy.get("maxReceiveCount", 0))
        # Where one receipt is all there is, it is for the job.
        return 1 < self._most_receives <= message.receives


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


class Heartbeat:
    """Keeps a message invisible from `with` to the end of its block. `lost` says that somebody else may have it now."""

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
        """No beat comes after this."""
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
                self._queue.visible_in(self._message, VISIBLE_AFTER_S)
                confirmed = time.monotonic()
            except (BotoCoreError, ClientError, UnavailableError):
                if time.monotonic() - confirmed > VISIBLE_AFTER_S:
                    self.lost.set()
                    return
