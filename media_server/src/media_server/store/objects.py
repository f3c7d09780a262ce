# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read, list, conditionally write and permanently delete the objects of one bucket.

Conditional writes: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from media_server.errors import NotFoundError, UnprocessableError
from media_server.store.retries import Retries, error_code, http_status

PART_BYTES = 8 * 1024 * 1024
# S3 copies up to 5 GiB in one request, with the media type.
_COPY = TransferConfig(multipart_threshold=5 * 1024**3, multipart_chunksize=1024**3)
_ABSENT = {"NoSuchKey", "404", "NotFound"}
_DELETED_AT_ONCE = 1000


class PreconditionFailed(Exception):  # noqa: N818 - the name of HTTP's status 412
    """The object exists, or was changed since it was read. Nothing was written."""


@dataclass(frozen=True)
class Listed:
    """A listed object: its size in bytes, and its last modification in seconds since 1970, by S3's clock."""

    key: str
    size: int
    written_at: float


@dataclass(frozen=True)
class Version:
    """A version of an object, or a delete marker, which has no ETag; `latest` is the one that a plain read returns."""

    key: str
    identity: str
    latest: bool
    marker: bool
    etag: str = ""
    size: int = 0
    # In seconds since 1970, by S3's clock.
    written_at: float = 0.0


class ObjectStore:
    """The objects of `bucket`, through a boto3 client. Throttled calls are retried."""

    def __init__(self, client: Any, bucket: str, retries: Retries | None = None):
        self.client = client
        self.bucket = bucket
        self._retries = retries or Retries()

    def _call(self, what: str, key: str, attempt: Callable[[], Any]) -> Any:
        try:
            return self._retries(f"{what} {key}", attempt)
        except ClientError as error:
            if error_code(error) in _ABSENT:
                raise NotFoundError("not-found", f"Object {key} doesn't exist.") from error
            if http_status(error) == 412 or error_code(error) == "PreconditionFailed":
                raise PreconditionFailed(key) from error
            raise

    # Reading

    def get(self, key: str) -> tuple[bytes, str]:
        """Return content and ETag. Raise NotFoundError."""

        def read() -> tuple[bytes, str]:
            answer = self.client.get_object(Bucket=self.bucket, Key=key)
            return answer["Body"].read(), answer["ETag"]

        return self._call("read", key, read)

    def get_json(self, key: str) -> tuple[Any, str]:
        """Return parsed content and ETag. Raise NotFoundError, or UnprocessableError if the content isn't JSON."""
        body, etag = self.get(key)
        try:
            return json.loads(body), etag
        except ValueError as error:
            raise UnprocessableError("bad-document", f"Object {key} doesn't contain JSON.") from error

    def open(
        self, key: str, first: int | None = None, last: int | None = None, *, version: str | None = None
    ) -> dict[str, Any]:
        """Return S3's response with a stream in `Body`, of the bytes `first` to `last` and of a version if given.

        Raise NotFoundError.
        """
        more = {} if first is None else {"Range": f"bytes={first}-{'' if last is None else last}"}
        if version is not None:
            more["VersionId"] = version
        return self._call("read", key, lambda: self.client.get_object(Bucket=self.bucket, Key=key, **more))

    def head(self, key: str) -> dict[str, Any]:
        """Return S3's response without the content. Raise NotFoundError."""
        return self._call("look at", key, lambda: self.client.head_object(Bucket=self.bucket, Key=key))

    def list(self, prefix: str) -> Iterator[Listed]:
        """Yield all objects with a prefix, in order of their names."""
        for page in self._pages("list_objects_v2", prefix, ("ContinuationToken", "NextContinuationToken")):
            for item in page.get("Contents", []):
                yield Listed(item["Key"], item["Size"], item["LastModified"].timestamp())

    def folders(self, prefix: str) -> Iterator[str]:
        """Yield the next part of each name, up to a slash, after `prefix`."""
        pages = self._pages("list_objects_v2", prefix, ("ContinuationToken", "NextContinuationToken"), Delimiter="/")
        for page in pages:
            for item in page.get("CommonPrefixes", []):
                yield item["Prefix"].removeprefix(prefix).rstrip("/")

    def _pages(self, operation: str, prefix: str, *tokens: tuple[str, str], **arguments: str) -> Iterator[dict]:
        call = getattr(self.client, operation)
        request: dict[str, Any] = {"Bucket": self.bucket, "Prefix": prefix, **arguments}
        while True:
            page = self._call("list", prefix, lambda: call(**request))  # noqa: B023 - called at once
            yield page
            if not page.get("IsTruncated"):
                return
            request |= {name: page[source] for name, source in tokens if page.get(source)}

    # Writing

    def put(
        self,
        key: str,
        body: bytes,
        *,
        if_match: str | None = None,
        if_none_match: bool = False,
        content_type: str | None = None,
    ) -> str:
        """Write an object and return its ETag. Raise PreconditionFailed if the condition doesn't hold.

        A write whose response was lost is retried, and then fails because of itself: see `create` and `change`.
        """
        arguments: dict[str, Any] = {"IfMatch": if_match} if if_match else {}
        if if_none_match:
            arguments["IfNoneMatch"] = "*"
        if content_type:
            arguments["ContentType"] = content_type

        def write() -> str:
            return self.client.put_object(Bucket=self.bucket, Key=key, Body=body, **arguments)["ETag"]

        return self._call("write", key, write)

    def create(self, key: str, body: bytes, content_type: str | None = None) -> bool:
        """Write an object unless it exists. Return whether it was written."""
        try:
            self.put(key, body, if_none_match=True, content_type=content_type)
        except PreconditionFailed:
            return False
        return True

    def change(self, key: str, body: bytes, etag: str) -> None:
        """Replace an object that was read with `etag`.

        Raise PreconditionFailed if somebody else changed it; a retry of a write whose response was lost succeeds.
        """
        try:
            self.put(key, body, if_match=etag)
        except PreconditionFailed:
            if self.get(key)[0] != body:
                raise

    def upload(self, key: str, reader: BinaryIO, content_type: str | None = None) -> bool:
        """Create an object from a stream of any length, in parts of 8 MiB. Return whether it was written. See `create`."""
        first = reader.read(PART_BYTES)
        if len(first) < PART_BYTES:
            return self.create(key, first, content_type)
        typed = {"ContentType": content_type} if content_type else {}
        where = {"Bucket": self.bucket, "Key": key}
        identity = self._call("begin", key, lambda: self.client.create_multipart_upload(**where, **typed))["UploadId"]
        try:
            parts = self._upload_parts(where | {"UploadId": identity}, first, reader)
            ending = where | {"UploadId": identity, "MultipartUpload": {"Parts": parts}, "IfNoneMatch": "*"}
            self._call("complete", key, lambda: self.client.complete_multipart_upload(**ending))
        except BaseException as error:
            self._call("abort", key, lambda: self.client.abort_multipart_upload(**where, UploadId=identity))
            if isinstance(error, PreconditionFailed):
                return False
            raise
        return True

    def _upload_parts(self, where: dict[str, Any], first: bytes, reader: BinaryIO) -> list[dict[str, Any]]:
        parts: list[dict[str, Any]] = []
        data = first
        while data:
            request = where | {"PartNumber": len(parts) + 1, "Body": data}
            answer = self._call("write a part of", where["Key"], lambda: self.client.upload_part(**request))  # noqa: B023
            parts.append({"PartNumber": len(parts) + 1, "ETag": answer["ETag"]})
            data = reader.read(PART_BYTES)
        return parts

    def restore(self, version: Version) -> None:
        """Write an older version anew, which becomes the current one and is replicated. Raise NotFoundError.

        Removing the delete marker instead would not be replicated.
        """
        source = {"Bucket": self.bucket, "Key": version.key, "VersionId": version.identity}
        self._call("restore", version.key, lambda: self.client.copy(source, self.bucket, version.key, Config=_COPY))

    # Removing

    def versions(self, prefix: str) -> Iterator[Version]:
        """Yield all versions and delete markers of objects with a prefix."""
        tokens = (("KeyMarker", "NextKeyMarker"), ("VersionIdMarker", "NextVersionIdMarker"))
        for page in self._pages("list_object_versions", prefix, *tokens):
            for field, marker in (("Versions", False), ("DeleteMarkers", True)):
                for item in page.get(field, []):
                    about = (item.get("ETag", ""), item.get("Size", 0), item["LastModified"].timestamp())
                    yield Version(item["Key"], item["VersionId"], bool(item.get("IsLatest")), marker, *about)

    def delete(self, key: str) -> None:
        """Delete an object. Its versions stay until the bucket's lifecycle expires them, and the delete marker is replicated."""
        self._call("delete", key, lambda: self.client.delete_object(Bucket=self.bucket, Key=key))

    def delete_versions(self, key: str, which: Callable[[Version], bool] = lambda _version: True) -> int:
        """Permanently delete versions of one object, all or those that `which` accepts. Return how many.

        They are deleted in this bucket only: S3 doesn't replicate the deletion of a version.
        """
        # S3 lists by prefix: lesson-10 begins with lesson-1.
        return self._delete_all(key, [item for item in self.versions(key) if item.key == key and which(item)])

    def delete_folder(self, prefix: str, which: Callable[[Version], bool] = lambda _version: True) -> int:
        """Permanently delete versions of all objects below a prefix that ends with a slash. See `delete_versions`."""
        if not prefix.endswith("/"):
            raise ValueError(f"{prefix} is a prefix of other names, too: it must end with a slash.")
        return self._delete_all(prefix, [item for item in self.versions(prefix) if which(item)])

    def _delete_all(self, name: str, chosen: list[Version]) -> int:
        for start in range(0, len(chosen), _DELETED_AT_ONCE):
            self._delete(name, chosen[start : start + _DELETED_AT_ONCE])
        return len(chosen)

    def _delete(self, prefix: str, chosen: list[Version]) -> None:
        objects = [{"Key": version.key, "VersionId": version.identity} for version in chosen]

        def remove() -> Any:
            return self.client.delete_objects(Bucket=self.bucket, Delete={"Objects": objects, "Quiet": True})

        errors = self._call("delete versions of", prefix, remove).get("Errors", [])
        if errors:
            codes = ", ".join(sorted({str(item.get("Code")) for item in errors}))
            raise UnprocessableError("not-deleted", f"{len(errors)} version(s) of {prefix} were not deleted: {codes}.")
