# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Reads and writes buckets of one region, several at the same time."""

from __future__ import annotations

import json
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError, doing, error_code
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._s3_buckets.model import (
    ASPECTS,
    Bucket,
    normal_rules,
    with_system_tags,
)

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule reports the missing library
    ClientError = Exception

_WORKERS = 8
_PAUSE = 1.0
# S3's answers while another change to the same bucket, or its creation or deletion, is still on its way.
_PASSING = {"OperationAborted", "NoSuchBucket", "BucketNotEmpty", "ConflictException"}
_NOT_SET = {
    "NoSuchBucketPolicy",
    "NoSuchLifecycleConfiguration",
    "NoSuchPublicAccessBlockConfiguration",
    "NoSuchTagSet",
    "OwnershipControlsNotFoundError",
    "ServerSideEncryptionConfigurationNotFoundError",
}
_BATCH = 1000
# HeadBucket's answers, without a body, where the bucket stands in another region than the request was signed for.
_ELSEWHERE = {301, 400}

Result = t.TypeVar("Result")


class BucketStore:
    """Buckets of the region that ``client`` works in."""

    def __init__(self, client: t.Any, region: str, wait_timeout: float):
        self._client = client
        self._region = region
        self._wait_timeout = wait_timeout

    def read(self, names: t.Sequence[str]) -> list[Bucket]:
        """The buckets with their settings."""
        return self._each(self._read, names)

    def read_contents(self, names: t.Sequence[str]) -> list[Bucket]:
        """The buckets, and whether they hold anything."""
        return self._each(self._read_contents, names)

    def _read(self, name: str) -> Bucket:
        if not self._exists(name):
            return Bucket(name, False)
        with doing(f"read the settings of bucket {name} in {self._region}"):
            return Bucket(name, True, {aspect: getattr(self, _method("_get", aspect))(name) for aspect in ASPECTS})

    def _read_contents(self, name: str) -> Bucket:
        if not self._exists(name):
            return Bucket(name, False)
        with doing(f"look into bucket {name} in {self._region}"):
            versions = self._client.list_object_versions(Bucket=name, MaxKeys=1)
            uploads = self._client.list_multipart_uploads(Bucket=name, MaxUploads=1)
        holds = any([versions.get("Versions"), versions.get("DeleteMarkers"), uploads.get("Uploads")])
        return Bucket(name, True, holds_objects=holds)

    def _exists(self, name: str) -> bool:
        try:
            with doing(f"look for bucket {name} in {self._region}"):
                found = self._client.head_bucket(Bucket=name).get("BucketRegion", self._region)
        except PlatformError as failure:
            status = _status(failure.__cause__)
            if status == 404:
                return False
            if status == 403:
                raise PlatformError(
                    f"The bucket name {name} is taken by another account, or the operator's role may not read it in "
                    f"{self._region}: HeadBucket answered 403. Choose another name for the platform or its environment, "
                    "or allow the role s3:ListBucket."
                ) from failure
            if status not in _ELSEWHERE:
                raise
            headers = failure.__cause__.response["ResponseMetadata"]["HTTPHeaders"]
            found = headers.get("x-amz-bucket-region", "another region")
        if found != self._region:
            raise PlatformError(
                f"The bucket {name} stands in {found}, not in {self._region}. Nothing was changed. "
                "Remove it there, or choose another name."
            )
        return True

    def apply(self, changes: list[Change], current: t.Sequence[Bucket]) -> None:
        """Create first, then set what belongs to each bucket, access logs last: they need their target."""
        tags = {bucket.name: bucket.settings.get("tags") for bucket in current}
        self._each(self._create, [_bucket_of(change) for change in changes if change.action == "create"])
        settings = [change for change in changes if change.action in ("set", "remove")]
        for last in (False, True):
            by_bucket: dict[str, list[tuple[str, Change]]] = {}
            for change in settings:
                aspect = change.resource.partition(" of bucket ")[0]
                if (aspect == "access log") == last:
                    by_bucket.setdefault(_bucket_of(change), []).append((aspect, change))
            self._each(lambda name, todo=by_bucket: self._set(name, todo[name], tags.get(name)), list(by_bucket))

    def remove(self, changes: list[Change], current: t.Sequence[Bucket]) -> None:
        """Empty and delete the buckets; what others write their access logs to goes last."""
        names = [_bucket_of(change) for change in changes]
        targets = {name for name in self._each(self._log_target, names) if name in names}
        self._each(self._empty_and_delete, [name for name in names if name not in targets])
        self._each(self._empty_and_delete, [name for name in names if name in targets])

    def _create(self, name: str) -> None:
        arguments: dict[str, t.Any] = {"Bucket": name, "ObjectOwnership": "BucketOwnerEnforced"}
        if self._region != "us-east-1":
            arguments["CreateBucketConfiguration"] = {"LocationConstraint": self._region}
        try:
            with doing(f"create bucket {name} in {self._region}"):
                self._patiently(lambda: self._client.create_bucket(**arguments))
        except PlatformError as failure:
            code = error_code(failure.__cause__)
            if code == "BucketAlreadyOwnedByYou":
                return
            if code == "BucketAlreadyExists":
                raise PlatformError(
                    f"The bucket name {name} is taken by another account: names are shared by all of AWS. "
                    "Choose another name for the platform or its environment."
                ) from failure
            raise

    def _set(self, name: str, todo: list[tuple[str, Change]], tags: dict[str, str] | None) -> None:
        for aspect, change in todo:
            with doing(f"{change.action} the {aspect} of bucket {name} in {self._region}"):
                value = with_system_tags(tags, change.after) if aspect == "tags" else change.after
                put = getattr(self, _method("_put", aspect))
                self._patiently(lambda put=put, value=value: put(name, value))

    def _empty_and_delete(self, name: str) -> None:
        def attempt() -> None:
            self._empty(name)
            self._client.delete_bucket(Bucket=name)

        with doing(f"remove bucket {name} with all it holds in {self._region}"):
            try:
                self._patiently(attempt, gone={"NoSuchBucket"})
            except ClientError as error:
                if error_code(error) != "NoSuchBucket":
                    raise

    def _empty(self, name: str) -> None:
        for page in self._client.get_paginator("list_multipart_uploads").paginate(Bucket=name):
            for upload in page.get("Uploads", []):
                self._client.abort_multipart_upload(Bucket=name, Key=upload["Key"], UploadId=upload["UploadId"])
        for page in self._client.get_paginator("list_object_versions").paginate(
            Bucket=name, PaginationConfig={"PageSize": _BATCH}
        ):
            found = page.get("Versions", []) + page.get("DeleteMarkers", [])
            doomed = [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in found]
            for start in range(0, len(doomed), _BATCH):
                batch = {"Objects": doomed[start : start + _BATCH], "Quiet": True}
                errors = self._client.delete_objects(Bucket=name, Delete=batch).get("Errors")
                if errors:
                    first = errors[0]
                    raise PlatformError(
                        f"Could not empty bucket {name} in {self._region}: {len(errors)} object(s) were refused, the first is "
                        f"{first.get('Key')} ({first.get('Code')}: {first.get('Message')}). The bucket still stands."
                    )

    def _log_target(self, name: str) -> str | None:
        try:
            log = self._get_access_log(name)
        except ClientError:
            return None
        return log["bucket"] if log else None

    def _patiently(self, call: t.Callable[[], Result], gone: t.Collection[str] = ()) -> Result:
        deadline = time.monotonic() + self._wait_timeout
        while True:
            try:
                return call()
            except ClientError as error:
                code = error_code(error)
                if code not in _PASSING or code in gone or time.monotonic() >= deadline:
                    raise
                time.sleep(_PAUSE)

    def _each(self, work: t.Callable[[str], Result], names: t.Sequence[str]) -> list[Result]:
        if not names:
            return []
        with ThreadPoolExecutor(max_workers=min(_WORKERS, len(names))) as pool:
            return list(pool.map(work, names))

    def _answer(self, operation: str, name: str) -> dict[str, t.Any] | None:
        """What a get operation answers; None where the setting isn't set."""
        try:
            return getattr(self._client, operation)(Bucket=name)
        except ClientError as error:
            if error_code(error) in _NOT_SET:
                return None
            raise

    def _get_public_access_block(self, name: str) -> t.Any:
        answer = self._answer("get_public_access_block", name)
        return answer["PublicAccessBlockConfiguration"] if answer else None

    def _put_public_access_block(self, name: str, value: t.Any) -> None:
        self._client.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=value)

    def _get_object_ownership(self, name: str) -> t.Any:
        answer = self._answer("get_bucket_ownership_controls", name)
        return answer["OwnershipControls"]["Rules"][0]["ObjectOwnership"] if answer else None

    def _put_object_ownership(self, name: str, value: t.Any) -> None:
        self._client.put_bucket_ownership_controls(
            Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": value}]}
        )

    def _get_policy(self, name: str) -> t.Any:
        answer = self._answer("get_bucket_policy", name)
        return json.loads(answer["Policy"]) if answer else None

    def _put_policy(self, name: str, value: t.Any) -> None:
        if value:
            self._client.put_bucket_policy(Bucket=name, Policy=json.dumps(value))
        else:
            self._client.delete_bucket_policy(Bucket=name)

    def _get_encryption(self, name: str) -> t.Any:
        answer = self._answer("get_bucket_encryption", name)
        rules = answer["ServerSideEncryptionConfiguration"]["Rules"] if answer else []
        if not rules:
            return None
        default = rules[0].get("ApplyServerSideEncryptionByDefault", {})
        with_key = default.get("SSEAlgorithm") != "AES256"
        return {
            "algorithm": default.get("SSEAlgorithm"),
            "kms_key_id": default.get("KMSMasterKeyID") if with_key else None,
            "bucket_key": bool(rules[0].get("BucketKeyEnabled")) if with_key else False,
        }

    def _put_encryption(self, name: str, value: t.Any) -> None:
        default = {"SSEAlgorithm": value["algorithm"]}
        if value["kms_key_id"]:
            default["KMSMasterKeyID"] = value["kms_key_id"]
        rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": value["bucket_key"]}
        self._client.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})

    def _get_versioning(self, name: str) -> t.Any:
        return (self._answer("get_bucket_versioning", name) or {}).get("Status")

    def _put_versioning(self, name: str, value: t.Any) -> None:
        self._client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": value})

    def _get_tags(self, name: str) -> t.Any:
        answer = self._answer("get_bucket_tagging", name)
        return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]} if answer else None

    def _put_tags(self, name: str, value: t.Any) -> None:
        tag_set = [{"Key": key, "Value": text} for key, text in value.items()]
        if tag_set:
            self._client.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tag_set})
        else:
            self._client.delete_bucket_tagging(Bucket=name)

    def _get_lifecycle(self, name: str) -> t.Any:
        answer = self._answer("get_bucket_lifecycle_configuration", name)
        return normal_rules(answer["Rules"]) if answer else []

    def _put_lifecycle(self, name: str, value: t.Any) -> None:
        if value:
            self._client.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": value})
        else:
            self._client.delete_bucket_lifecycle(Bucket=name)

    def _get_access_log(self, name: str) -> t.Any:
        enabled = (self._answer("get_bucket_logging", name) or {}).get("LoggingEnabled")
        return {"bucket": enabled["TargetBucket"], "prefix": enabled.get("TargetPrefix", "")} if enabled else None

    def _put_access_log(self, name: str, value: t.Any) -> None:
        enabled = (
            {"LoggingEnabled": {"TargetBucket": value["bucket"], "TargetPrefix": value["prefix"]}} if value else {}
        )
        self._client.put_bucket_logging(Bucket=name, BucketLoggingStatus=enabled)


def _method(verb: str, aspect: str) -> str:
    return f"{verb}_{aspect.replace(' ', '_')}"


def _bucket_of(change: Change) -> str:
    return change.resource.rpartition("bucket ")[2]


def _status(error: BaseException | None) -> int | None:
    response = getattr(error, "response", None) or {}
    return response.get("ResponseMetadata", {}).get("HTTPStatusCode")
