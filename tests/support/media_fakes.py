# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""S3, KMS and the region record in memory, as the media server calls them. Simulated, for unit tests without a lab."""

# ruff: noqa: N803 - the arguments have the names that boto3 gives them
from __future__ import annotations

import datetime
import io
import json
import os
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def refused(code: str, status: int, operation: str) -> ClientError:
    """Return AWS's error response as an exception."""
    answer = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, operation)


@dataclass
class _Object:
    identity: str
    body: bytes | None
    written: datetime.datetime
    replication: str = ""


@dataclass
class FakeS3:
    """One versioned bucket. `fault(operation, key)` may raise; `replicated` returns the replication status for HeadObject."""

    objects: dict[str, list[_Object]] = field(default_factory=dict)
    calls: Counter = field(default_factory=Counter)
    fault: Callable[[str, str], None] = lambda _operation, _key: None
    rules: list[dict[str, Any]] | None = None
    replicated: Callable[[str], str] = lambda _key: "COMPLETED"
    lock: threading.RLock = field(default_factory=threading.RLock)
    uploads: dict[str, list[bytes]] = field(default_factory=dict)
    arrived: set[str] = field(default_factory=set)

    def _begin(self, operation: str, key: str) -> None:
        with self.lock:
            self.calls[operation] += 1
        self.fault(operation, key)

    def _latest(self, key: str) -> _Object | None:
        found = self.objects.get(key)
        return found[-1] if found and found[-1].body is not None else None

    def replicate_to(self, other: FakeS3) -> None:
        """Copy the versions that the other bucket never had. S3 does not replicate the deletion of a version."""
        for key, versions in self.objects.items():
            for item in versions:
                if item.identity not in other.arrived:
                    other.arrived.add(item.identity)
                    other.objects.setdefault(key, []).append(item)

    def content(self, key: str) -> bytes:
        latest = self._latest(key)
        assert latest is not None, key
        return latest.body

    def names(self, prefix: str = "") -> list[str]:
        return sorted(key for key in self.objects if key.startswith(prefix) and self._latest(key))

    def get_object(self, Bucket, Key, Range=None, VersionId=None):
        self._begin("get_object", Key)
        latest = self._latest(Key)
        if VersionId is not None:
            latest = next((item for item in self.objects.get(Key, []) if item.identity == VersionId), None)
        if latest is None or latest.body is None:
            raise refused("NoSuchKey", 404, "GetObject")
        body = latest.body
        if Range:
            first, _dash, last = Range.removeprefix("bytes=").partition("-")
            body = body[int(first) : int(last) + 1 if last else None]
        return {"Body": io.BytesIO(body), "ETag": latest.identity, "ContentLength": len(body)}

    def head_object(self, Bucket, Key):
        self._begin("head_object", Key)
        latest = self._latest(Key)
        if latest is None:
            raise refused("404", 404, "HeadObject")
        status = {"ReplicationStatus": self.replicated(Key)} if self.rules else {}
        return {"ETag": latest.identity, "ContentLength": len(latest.body), **status}

    def put_object(self, Bucket, Key, Body, IfMatch=None, IfNoneMatch=None, ContentType=None):
        self._begin("put_object", Key)
        with self.lock:
            latest = self._latest(Key)
            if (IfNoneMatch and latest) or (IfMatch and (latest is None or latest.identity != IfMatch)):
                raise refused("PreconditionFailed", 412, "PutObject")
            return {"ETag": self._write(Key, bytes(Body))}

    def _write(self, key: str, body: bytes | None) -> str:
        identity = f'"{os.urandom(8).hex()}"'
        self.objects.setdefault(key, []).append(_Object(identity, body, datetime.datetime.now(datetime.UTC)))
        return identity

    def delete_object(self, Bucket, Key):
        self._begin("delete_object", Key)
        self._write(Key, None)

    def copy(self, CopySource, Bucket, Key, Config=None):
        body = self.get_object(CopySource["Bucket"], CopySource["Key"], VersionId=CopySource["VersionId"])["Body"]
        with self.lock:
            self._write(Key, body.read())

    def create_multipart_upload(self, Bucket, Key, ContentType=None):
        self._begin("create_multipart_upload", Key)
        self.uploads[Key] = []
        return {"UploadId": Key}

    def upload_part(self, Bucket, Key, UploadId, PartNumber, Body):
        self._begin("upload_part", Key)
        del self.uploads[UploadId][PartNumber - 1 :]
        self.uploads[UploadId].append(bytes(Body))
        return {"ETag": str(PartNumber)}

    def complete_multipart_upload(self, Bucket, Key, UploadId, MultipartUpload, IfNoneMatch=None):
        self._begin("complete_multipart_upload", Key)
        if IfNoneMatch and self._latest(Key):
            raise refused("PreconditionFailed", 412, "CompleteMultipartUpload")
        self._write(Key, b"".join(self.uploads.pop(UploadId)))

    def abort_multipart_upload(self, Bucket, Key, UploadId):
        self._begin("abort_multipart_upload", Key)
        self.uploads.pop(UploadId, None)

    def list_objects_v2(self, Bucket, Prefix, Delimiter=None, ContinuationToken=None):
        self._begin("list_objects_v2", Prefix)
        contents, folders = [], []
        for key in self.names(Prefix):
            folder, slash, _rest = key.removeprefix(Prefix).partition("/")
            if Delimiter and slash:
                folders.append(f"{Prefix}{folder}/")
            else:
                latest = self._latest(key)
                contents.append({"Key": key, "Size": len(latest.body), "LastModified": latest.written})
        common = [{"Prefix": item} for item in dict.fromkeys(folders)]
        return {"Contents": contents, "CommonPrefixes": common, "IsTruncated": False}

    def list_object_versions(self, Bucket, Prefix, KeyMarker=None, VersionIdMarker=None):
        self._begin("list_object_versions", Prefix)
        found: dict[str, list] = {"Versions": [], "DeleteMarkers": []}
        for key in sorted(self.objects):
            if not key.startswith(Prefix):
                continue
            for item in self.objects[key]:
                entry = {"Key": key, "VersionId": item.identity, "IsLatest": item is self.objects[key][-1]}
                entry["LastModified"] = item.written
                if item.body is None:
                    found["DeleteMarkers"].append(entry)
                else:
                    found["Versions"].append(entry | {"ETag": item.identity, "Size": len(item.body)})
        return {**found, "IsTruncated": False}

    def delete_objects(self, Bucket, Delete):
        self._begin("delete_objects", "")
        with self.lock:
            for asked in Delete["Objects"]:
                left = [item for item in self.objects[asked["Key"]] if item.identity != asked["VersionId"]]
                if left:
                    self.objects[asked["Key"]] = left
                else:
                    del self.objects[asked["Key"]]
        return {}

    def get_bucket_replication(self, Bucket):
        if self.rules is None:
            raise refused("ReplicationConfigurationNotFoundError", 404, "GetBucketReplication")
        return {"ReplicationConfiguration": {"Rules": self.rules}}


@dataclass
class FakeKms:
    """KMS in one region. Replicas share `keys` (by ID); `disabled` keys are disabled in this region only."""

    region: str = "me-west-1"
    keys: dict[str, bytes] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    disabled: set[str] = field(default_factory=set)
    fault: Callable[[str], None] = lambda _operation: None

    def arn(self, identity: str) -> str:
        return f"arn:aws:kms:{self.region}:000000000000:key/{identity}"

    def new_key(self, name: str) -> str:
        self.keys[f"mrk-{name}"] = AESGCM.generate_key(256)
        return self.arn(f"mrk-{name}")

    def replica(self, region: str) -> FakeKms:
        return FakeKms(region, self.keys)

    def _identity(self, key: str, operation: str) -> str:
        key = self.aliases.get(key, key)
        identity = key.rpartition("/")[2]
        if key.startswith("arn:") and key != self.arn(identity):
            raise refused("NotFoundException", 400, operation)
        if identity not in self.keys:
            raise refused("NotFoundException", 400, operation)
        return identity

    def _usable(self, key: str, operation: str) -> str:
        identity = self._identity(key, operation)
        if identity in self.disabled:
            raise refused("DisabledException", 400, operation)
        return identity

    def describe_key(self, KeyId):
        self.fault("DescribeKey")
        identity = self._identity(KeyId, "DescribeKey")
        enabled = identity not in self.disabled
        state = "Enabled" if enabled else "Disabled"
        return {"KeyMetadata": {"Arn": self.arn(identity), "Enabled": enabled, "KeyState": state}}

    def _seal(self, identity: str, plaintext: bytes, context: dict[str, str]) -> bytes:
        nonce = os.urandom(12)
        bound = json.dumps(context, sort_keys=True).encode()
        return identity.encode() + b"\n" + nonce + AESGCM(self.keys[identity]).encrypt(nonce, plaintext, bound)

    def _open(self, identity: str, blob: bytes, context: dict[str, str], operation: str) -> bytes:
        maker, _line, sealed = blob.partition(b"\n")
        if maker.decode() != identity:
            raise refused("IncorrectKeyException", 400, operation)
        bound = json.dumps(context, sort_keys=True).encode()
        try:
            return AESGCM(self.keys[identity]).decrypt(sealed[:12], sealed[12:], bound)
        except InvalidTag:
            raise refused("InvalidCiphertextException", 400, operation) from None

    def generate_data_key(self, KeyId, NumberOfBytes, EncryptionContext):
        self.fault("GenerateDataKey")
        identity = self._usable(KeyId, "GenerateDataKey")
        plaintext = os.urandom(NumberOfBytes)
        blob = self._seal(identity, plaintext, EncryptionContext)
        return {"CiphertextBlob": blob, "KeyId": self.arn(identity), "Plaintext": plaintext}

    def decrypt(self, CiphertextBlob, KeyId, EncryptionContext):
        self.fault("Decrypt")
        identity = self._usable(KeyId, "Decrypt")
        return {"Plaintext": self._open(identity, CiphertextBlob, EncryptionContext, "Decrypt")}

    def re_encrypt(
        self, CiphertextBlob, SourceKeyId, SourceEncryptionContext, DestinationKeyId, DestinationEncryptionContext
    ):
        self.fault("ReEncrypt")
        source, target = self._usable(SourceKeyId, "ReEncrypt"), self._usable(DestinationKeyId, "ReEncrypt")
        plaintext = self._open(source, CiphertextBlob, SourceEncryptionContext, "ReEncrypt")
        blob = self._seal(target, plaintext, DestinationEncryptionContext)
        return {"CiphertextBlob": blob, "KeyId": self.arn(target)}


@dataclass
class FakeRecord:
    """DynamoDB with the region record."""

    active: str | None = "me-west-1"

    def get_item(self, TableName, Key, ConsistentRead):
        item = {"name": {"S": "active"}, "active_region": {"S": self.active}} if self.active else None
        return {"Item": item} if item else {}
