# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and write replication configurations, and read the buckets on both sides."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import doing, error_code, explain
from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import is_unavailable
from ansible_collections.knowledgecity.platform.plugins.module_utils._parallel import in_parallel
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._s3_replication.checks import Destination, Source
from ansible_collections.knowledgecity.platform.plugins.module_utils._s3_replication.model import (
    Configuration,
    Replication,
)

try:
    from botocore.exceptions import BotoCoreError, ClientError
except ImportError:  # AnsibleAWSModule reports the missing library
    BotoCoreError = ClientError = Exception

_NO_BUCKET = {"NoSuchBucket", "404", "NotFound"}

Key = t.TypeVar("Key")
Answer = t.TypeVar("Answer")


def _all(function: t.Callable[[Key], Answer], keys: t.Iterable[Key]) -> dict[Key, Answer]:
    """Return the answers for all keys, asked at the same time."""
    distinct = list(dict.fromkeys(keys))
    return dict(zip(distinct, in_parallel(function, distinct), strict=True))


def _default_encryption(client: t.Any, bucket: str) -> str | None:
    try:
        answer = client.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    except ClientError as error:
        if error_code(error) == "ServerSideEncryptionConfigurationNotFoundError":
            return None
        raise
    rules = [rule.get("ApplyServerSideEncryptionByDefault", {}) for rule in answer["Rules"]]
    return next((rule["SSEAlgorithm"] for rule in rules if "SSEAlgorithm" in rule), None)


class ReplicationStore:
    """Read and write the replication of one region's buckets. `client_for(service, region)` gives a client."""

    def __init__(self, client_for: t.Callable[[str, str], t.Any], region: str):
        self._client_for = client_for
        self._region = region

    @property
    def _s3(self) -> t.Any:
        return self._client_for("s3", self._region)

    def configurations(self, buckets: t.Iterable[str]) -> dict[str, Configuration]:
        """Read each bucket's replication configuration."""
        client = self._s3
        return _all(lambda bucket: self._configuration(client, bucket), buckets)

    def _configuration(self, client: t.Any, bucket: str) -> Configuration:
        with doing(f"read the replication of bucket {bucket} in {self._region}"):
            try:
                answer = client.get_bucket_replication(Bucket=bucket)["ReplicationConfiguration"]
            except ClientError as error:
                if error_code(error) == "ReplicationConfigurationNotFoundError":
                    return Configuration()
                if error_code(error) in _NO_BUCKET:
                    return Configuration(exists=False)
                raise
        return Configuration(role=answer["Role"], rules=tuple(answer["Rules"]))

    def sources(self, buckets: t.Iterable[str]) -> dict[str, Source | None]:
        """Read what the source buckets need to replicate; None for a bucket that does not exist."""
        client = self._s3
        return _all(lambda bucket: self._source(client, bucket), buckets)

    def _source(self, client: t.Any, bucket: str) -> Source | None:
        with doing(f"read the versioning and encryption of bucket {bucket} in {self._region}"):
            try:
                versioning = client.get_bucket_versioning(Bucket=bucket).get("Status")
            except ClientError as error:
                if error_code(error) in _NO_BUCKET:
                    return None
                raise
            return Source(versioning, _default_encryption(client, bucket))

    def destinations(self, entries: t.Iterable[Replication]) -> dict[Replication, Destination]:
        """Read each entry's destination, through its own region's API."""
        entries = list(entries)
        for region in {entry.destination_region for entry in entries}:  # boto3 makes clients in one thread only
            self._client_for("s3", region)
            self._client_for("kms", region)
        return _all(self._destination, entries)

    def _destination(self, entry: Replication) -> Destination:
        client = self._client_for("s3", entry.destination_region)
        try:
            head = client.head_bucket(Bucket=entry.destination_bucket)
            versioning = client.get_bucket_versioning(Bucket=entry.destination_bucket).get("Status")
            key_state = self._key_state(entry)
        except (BotoCoreError, ClientError) as error:
            if is_unavailable(error):
                return Destination("unreachable", error=explain(error))
            return Destination("absent" if error_code(error) in _NO_BUCKET else "refused", error=explain(error))
        return Destination("present", versioning, head.get("BucketRegion"), key_state)

    def _key_state(self, entry: Replication) -> str | None:
        """Read the state of the destination's key; None where there is none, or the operator may not read it."""
        if not entry.destination_kms_key:
            return None
        try:
            answer = self._client_for("kms", entry.destination_region).describe_key(KeyId=entry.destination_kms_key)
        except ClientError as error:
            if error_code(error) == "NotFoundException":
                return "absent"
            if error_code(error) == "AccessDeniedException":
                return None
            raise
        return answer["KeyMetadata"]["KeyState"]

    def apply(self, change: Change) -> None:
        """Apply one change."""
        with doing(f"{change.action} the {change.resource} in {self._region}"):
            if change.action == "delete":
                self._s3.delete_bucket_replication(Bucket=change.name)
            else:
                self._s3.put_bucket_replication(Bucket=change.name, ReplicationConfiguration=change.data)
