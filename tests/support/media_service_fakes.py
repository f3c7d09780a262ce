# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The media server with AWS in memory. Simulated, for unit tests without a lab."""

# ruff: noqa: N803 - the arguments have the names that boto3 gives them
from __future__ import annotations

import base64
import io
import json
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
from media_server.services import Clients, Services
from media_server.settings import Settings

from tests.support.media_fakes import FakeKms, FakeRecord, FakeS3, refused

REGION = "me-west-1"


class _Body(io.BytesIO):
    def iter_chunks(self, size: int):
        while chunk := self.read(size):
            yield chunk


@dataclass
class ServiceS3(FakeS3):
    """FakeS3 with what only the service calls: range requests, and multipart uploads whose parts a client sends."""

    sizes: dict[str, dict[int, bytes]] = field(default_factory=dict)

    def get_object(self, Bucket, Key, Range=None, VersionId=None):
        found = super().get_object(Bucket, Key, VersionId=VersionId)
        body = found["Body"].read()
        if not Range:
            return found | {"Body": _Body(body)}
        first, _dash, last = Range.removeprefix("bytes=").partition("-")
        start, end = int(first), min(int(last or len(body)), len(body) - 1)
        if start >= len(body):
            raise refused("InvalidRange", 416, "GetObject")
        part = body[start : end + 1]
        said = f"bytes {start}-{end}/{len(body)}"
        return found | {"Body": _Body(part), "ContentLength": len(part), "ContentRange": said}

    def head_bucket(self, Bucket):
        self._begin("head_bucket", "")

    def create_multipart_upload(self, Bucket, Key, ContentType=None):
        self._begin("create_multipart_upload", Key)
        identity = f"{Key}#{secrets.token_hex(4)}"
        self.uploads[identity] = []
        self.sizes[identity] = {}
        return {"UploadId": identity}

    def send_part(self, upload_id: str, number: int, body: bytes) -> None:
        """Send a part, as a client does with a presigned URL."""
        self.sizes[upload_id][number] = body

    def list_parts(self, Bucket, Key, UploadId, PartNumberMarker=0):
        self._begin("list_parts", Key)
        if UploadId not in self.sizes:
            raise refused("NoSuchUpload", 404, "ListParts")
        parts = self.sizes[UploadId]
        listed = [{"PartNumber": number, "ETag": f'"{number}"', "Size": len(parts[number])} for number in sorted(parts)]
        return {"Parts": listed, "IsTruncated": False}

    def complete_multipart_upload(self, Bucket, Key, UploadId, MultipartUpload, IfNoneMatch=None):
        if UploadId not in self.sizes or not self.sizes[UploadId]:
            return super().complete_multipart_upload(Bucket, Key, UploadId, MultipartUpload, IfNoneMatch)
        parts = self.sizes.pop(UploadId)
        self._write(Key, b"".join(parts[part["PartNumber"]] for part in MultipartUpload["Parts"]))
        return {}

    def abort_multipart_upload(self, Bucket, Key, UploadId):
        super().abort_multipart_upload(Bucket, Key, UploadId)
        if self.sizes.pop(UploadId, None) is None:
            raise refused("NoSuchUpload", 404, "AbortMultipartUpload")

    def generate_presigned_url(self, operation, Params, ExpiresIn):
        asked = {"n": Params["PartNumber"], "length": Params["ContentLength"], "expires": ExpiresIn}
        return f"https://s3.invalid/{Params['Key']}?{json.dumps(asked)}"


@dataclass
class FakeSqs:
    """One queue: the waiting messages, the visibility timeouts by receipt, and the delayed messages."""

    waiting: list[dict[str, Any]] = field(default_factory=list)
    visibility: list[tuple[str, int]] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    delayed: list[tuple[str, int]] = field(default_factory=list)
    most_receives: int = 3

    def send_message(self, QueueUrl, MessageBody, DelaySeconds=0):
        if DelaySeconds:
            self.delayed.append((MessageBody, DelaySeconds))
        else:
            self.put(MessageBody)

    def put(self, text: str, receives: int = 1) -> None:
        """Add a message whose next receipt is number `receives`."""
        sent = str(int(time.time() * 1000) - 2000)
        attributes = {"ApproximateReceiveCount": str(receives), "SentTimestamp": sent}
        self.waiting.append({"Body": text, "ReceiptHandle": secrets.token_hex(4), "Attributes": attributes})

    def receive_message(self, QueueUrl, MaxNumberOfMessages, WaitTimeSeconds, VisibilityTimeout, **_asked):
        if not self.waiting:
            time.sleep(0.01)
            return {}
        return {"Messages": [self.waiting.pop(0)]}

    def delete_message(self, QueueUrl, ReceiptHandle):
        self.removed.append(ReceiptHandle)

    def change_message_visibility(self, QueueUrl, ReceiptHandle, VisibilityTimeout):
        self.visibility.append((ReceiptHandle, VisibilityTimeout))

    def get_queue_attributes(self, QueueUrl, AttributeNames):
        policy = {"maxReceiveCount": self.most_receives, "deadLetterTargetArn": "arn"}
        known = {
            "ApproximateNumberOfMessages": str(len(self.waiting)),
            "ApproximateNumberOfMessagesNotVisible": "0",
            "RedrivePolicy": json.dumps(policy),
        }
        return {"Attributes": {name: known[name] for name in AttributeNames}}


@dataclass
class FakeSecrets:
    """Secrets Manager: texts by ID; `calls` counts the reads."""

    texts: dict[str, str] = field(default_factory=dict)
    calls: int = 0
    fault: Exception | None = None

    def get_secret_value(self, SecretId):
        self.calls += 1
        if self.fault:
            raise self.fault
        return {"SecretString": self.texts[SecretId]}


def token_secret(current: str = "k1", **keys: bytes) -> str:
    """Return the text of the token keys' secret."""
    return json.dumps({"keys": {kid: base64.b64encode(key).decode() for kid, key in keys.items()}, "current": current})


class FakePlatform:
    """A region in memory, its services, and tokens that are signed without the server's code."""

    def __init__(self, work_dir: Path, **settings: Any) -> None:
        self.key = secrets.token_bytes(32)
        self.s3, self.sqs, self.kms, self.record = ServiceS3(), FakeSqs(), FakeKms(), FakeRecord()
        self.secrets = FakeSecrets({"tokens": token_secret(k1=self.key)})
        self.settings = Settings(
            **{
                "region": REGION,
                "bucket": "bucket",
                "queue_url": "https://sqs.invalid/queue",
                "envelope_key": self.kms.new_key("media"),
                "token_secret_id": "tokens",
                "record_table": "record",
                "public_url": "https://media.example",
                "work_dir": str(work_dir),
            }
            | settings
        )
        clients = Clients(self.s3, self.sqs, self.kms, self.secrets, self.record)
        self.services = Services(self.settings, clients)

    def token(self, audience: str = "api", tenant: str | None = "acme", **claims: Any) -> str:
        """Sign a token; a claim that is None is left out."""
        now = int(time.time())
        said = {"aud": audience, "jti": secrets.token_hex(12), "iat": now, "exp": now + 600, "tenant": tenant} | claims
        told = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(told, self.key, algorithm="HS256", headers={"kid": "k1"})

    def header(self, audience: str = "api", tenant: str | None = "acme", **claims: Any) -> dict[str, str]:
        """Return a new token as a header."""
        return {"Authorization": f"Bearer {self.token(audience, tenant, **claims)}"}
