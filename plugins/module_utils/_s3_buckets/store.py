# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and write the buckets of one region, several at the same time."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import retrying
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError, doing, error_code
from ansible_collections.knowledgecity.platform.plugins.module_utils._parallel import grouped, in_parallel
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._s3_buckets.model import (
    ACCESS_LOG,
    ASPECTS,
    Bucket,
    normal_rules,
)

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule reports the missing library
    ClientError = Exception

# S3's answers while another change to the same bucket, or its deletion or creation, is in progress.
_DELETING = ("OperationAborted", "BucketNotEmpty", "ConflictException")
_IN_PROGRESS = (*_DELETING, "NoSuchBucket")
_NOT_SET = {
    "NoSuchBucketPolicy",
    "NoSuchLifecycleConfiguration",
    "NoSuchPublicAccessBlockConfiguration",
    "NoSuchTagSet",
    "OwnershipControlsNotFoundError",
    "ServerSideEncryptionConfigurationNotFoundError",
}
_BATCH = 1000
# HeadBucket's answers, without a body, where the bucket is in another region than the request was signed for.
_ELSEWHERE = {301, 400}

Result = t.TypeVar("Result")


class BucketStore:
    """Read and write buckets of the region that ``client`` works in."""

    def __init__(self, client: t.Any, region: str, wait_timeout: float):
        self._client = client
        self._region = region
        self._wait_timeout = wait_timeout

    def read(self, names: t.Sequence[str]) -> list[Bucket]:
        """Read the buckets with their settings."""
        return in_parallel(self._read, names)

    def read_contents(self, names: t.Sequence[str]) -> list[Bucket]:
        """Read whether the buckets exist and hold anything, and their tags."""
        return in_parallel(self._read_contents, names)

    def _read(self, name: str) -> Bucket:
        if not self._exists(name):
            return Bucket(name, False)
        with doing(f"read the settings of bucket {name} in {self._region}"):
            return Bucket(name, True, {aspect: getattr(self, _method("_get", aspect))(name) for aspect in ASPECTS})

    def _read_contents(self, name: str) -> Bucket:
        if not self._exists(name):
            return Bucket(name, False)
        with doing(f"list bucket {name} in {self._region}"):
            versions = self._client.list_object_versions(Bucket=name, MaxKeys=1)
            uploads = self._client.list_multipart_uploads(Bucket=name, MaxUploads=1)
            tags = self._get_tags(name)
        holds = any([versions.get("Versions"), versions.get("DeleteMarkers"), uploads.get("Uploads")])
        return Bucket(name, True, {"tags": tags}, holds_objects=holds)

    def _exists(self, name: str) -> bool:
        try:
            with doing(f"find bucket {name} in {self._region}"):
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
                f"The bucket {name} is in {found}, not in {self._region}. Nothing was changed. "
                "Remove it there, or choose another name."
            )
        return True

    def apply(self, changes: list[Change]) -> None:
        """Create buckets, then set what belongs to each, access logs last: they need their target."""
        in_parallel(self._create, [change.name for change in changes if change.action == "create"])
        settings = [change for change in changes if change.action in ("set", "remove")]
        for logs in (False, True):
            todo = [change for change in settings if (change.kind == ACCESS_LOG) == logs]
            in_parallel(self._set, grouped(todo, lambda change: change.name))

    def remove(self, changes: list[Change]) -> None:
        """Empty and delete the buckets; what others write their access logs to goes last."""
        names = [change.name for change in changes]
        targets = {name for name in in_parallel(self._log_target, names) if name in names}
        in_parallel(self._empty_and_delete, [name for name in names if name not in targets])
        in_parallel(self._empty_and_delete, [name for name in names if name in targets])

    def _create(self, name: str) -> None:
        arguments: dict[str, t.Any] = {"Bucket": name, "ObjectOwnership": "BucketOwnerEnforced"}
        if self._region != "us-east-1":
            arguments["CreateBucketConfiguration"] = {"LocationConstraint": self._region}
        try:
            with doing(f"create bucket {name} in {self._region}"):
                self._retrying(self._client.create_bucket, *_IN_PROGRESS)(**arguments)
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

    def _set(self, changes: list[Change]) -> None:
        for change in changes:
            with doing(f"{change.action} the {change.resource} in {self._region}"):
                put = getattr(self, _method("_put", change.kind))
                self._retrying(put, *_IN_PROGRESS)(change.name, change.data)

    def _empty_and_delete(self, name: str) -> None:
        def attempt() -> None:
            self._empty(name)
            self._client.delete_bucket(Bucket=name)

        with doing(f"remove bucket {name} with all it holds in {self._region}"):
            try:
                self._retrying(attempt, *_DELETING)()
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
            versions = [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in found]
            for start in range(0, len(versions), _BATCH):
                batch = {"Objects": versions[start : start + _BATCH], "Quiet": True}
                errors = self._client.delete_objects(Bucket=name, Delete=batch).get("Errors")
                if errors:
                    first = errors[0]
                    raise PlatformError(
                        f"Could not empty bucket {name} in {self._region}: {len(errors)} object(s) were refused, the first is "
                        f"{first.get('Key')} ({first.get('Code')}: {first.get('Message')}). The bucket still exists."
                    )

    def _log_target(self, name: str) -> str | None:
        try:
            log = self._get_access_log(name)
        except ClientError:
            return None
        return log["bucket"] if log else None

    def _retrying(self, call: t.Callable[..., Result], *codes: str) -> t.Callable[..., Result]:
        return retrying(call, *codes, timeout=self._wait_timeout)

    def _answer(self, operation: str, name: str) -> dict[str, t.Any] | None:
        """Return what a get operation answers; None where the setting isn't set."""
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


def _status(error: BaseException | None) -> int | None:
    response = getattr(error, "response", None) or {}
    return response.get("ResponseMetadata", {}).get("HTTPStatusCode")
