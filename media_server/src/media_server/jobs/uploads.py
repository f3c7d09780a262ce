# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Multipart uploads: the browser sends the parts to S3 itself, to presigned URLs for exactly these parts.

Limits of S3: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from media_server.errors import BadInputError, ConflictError, NotFoundError
from media_server.store.objects import ObjectStore
from media_server.store.retries import Retries, error_code

MIB = 1024 * 1024
SMALLEST_PART_BYTES = 16 * MIB
# S3 allows 10,000; fewer make a shorter response.
MOST_PARTS = 1000
# URLs are signed with the instance's credentials, which are valid for up to 6 hours.
SIGNED_FOR_S = 6 * 3600


@dataclass(frozen=True)
class Part:
    """A part to be sent with PUT, with exactly `size` bytes."""

    number: int
    size: int
    url: str


def part_bytes(size: int) -> int:
    """Return the size of all parts but the last, for a source of `size` bytes: whole MiB, and at most MOST_PARTS parts."""
    least = -(-size // MOST_PARTS)
    return max(SMALLEST_PART_BYTES, -(-least // MIB) * MIB)


def part_sizes(size: int, each: int) -> list[int]:
    """Return the sizes of the parts, in bytes."""
    whole, rest = divmod(size, each)
    return [each] * whole + ([rest] if rest else [])


class Uploads:
    """Multipart uploads to a store's bucket."""

    def __init__(self, objects: ObjectStore, retries: Retries | None = None) -> None:
        self._client = objects.client
        self._bucket = objects.bucket
        self._objects = objects
        self._retries = retries or Retries(deadline_s=15)

    def begin(self, key: str) -> str:
        """Create a multipart upload and return its ID."""
        request = {"Bucket": self._bucket, "Key": key, "ContentType": "application/octet-stream"}
        answer = self._retries(f"begin upload {key}", lambda: self._client.create_multipart_upload(**request))
        return str(answer["UploadId"])

    def parts(self, key: str, upload_id: str, size: int, each: int) -> list[Part]:
        """Return the parts of a source of `size` bytes, with presigned URLs that are valid for SIGNED_FOR_S seconds."""
        return [
            Part(number, length, self._signed(key, upload_id, number, length))
            for number, length in enumerate(part_sizes(size, each), start=1)
        ]

    def _signed(self, key: str, upload_id: str, number: int, length: int) -> str:
        # The length is signed, so S3 refuses a part of another size.
        request = {
            "Bucket": self._bucket,
            "Key": key,
            "UploadId": upload_id,
            "PartNumber": number,
            "ContentLength": length,
        }
        return self._client.generate_presigned_url("upload_part", Params=request, ExpiresIn=SIGNED_FOR_S)

    def complete(self, key: str, upload_id: str, size: int, each: int) -> str:
        """Complete the upload if all parts have the expected sizes, and return the source's ETag.

        Raise ConflictError while parts are missing. A second call returns the same source.
        """
        try:
            sent = self._sent(key, upload_id)
            wanted = dict(enumerate(part_sizes(size, each), start=1))
            if {number: part["Size"] for number, part in sent.items()} != wanted:
                missing = len([number for number in wanted if sent.get(number, {}).get("Size") != wanted[number]])
                message = (
                    f"The upload isn't complete: {missing} of {len(wanted)} parts are missing or have another size."
                )
                raise ConflictError("upload-incomplete", message)
            listed = [{"PartNumber": number, "ETag": part["ETag"]} for number, part in sorted(sent.items())]
            ending = {"Bucket": self._bucket, "Key": key, "UploadId": upload_id, "MultipartUpload": {"Parts": listed}}
            self._retries(f"complete upload {key}", lambda: self._client.complete_multipart_upload(**ending))
        except ClientError as error:
            if error_code(error) != "NoSuchUpload":
                raise
        found = self.source(key)
        if found is None:
            raise ConflictError("upload-lost", "The upload doesn't exist any more. Fix: begin a new one.")
        if found["ContentLength"] != size:
            raise BadInputError(
                "upload-size", f"The source has {found['ContentLength']} bytes, not {size} as declared."
            )
        return str(found["ETag"])

    def source(self, key: str) -> dict[str, Any] | None:
        """Return S3's HEAD response for the completed source, or None."""
        try:
            return self._objects.head(key)
        except NotFoundError:
            return None

    def abort(self, key: str, upload_id: str) -> None:
        """Abort an upload, if it exists."""
        request = {"Bucket": self._bucket, "Key": key, "UploadId": upload_id}
        try:
            self._retries(f"abort upload {key}", lambda: self._client.abort_multipart_upload(**request))
        except ClientError as error:
            if error_code(error) != "NoSuchUpload":
                raise

    def _sent(self, key: str, upload_id: str) -> dict[int, dict[str, Any]]:
        sent: dict[int, dict[str, Any]] = {}
        request: dict[str, Any] = {"Bucket": self._bucket, "Key": key, "UploadId": upload_id}
        while True:
            page = self._retries(f"list the parts of {key}", lambda: self._client.list_parts(**request))
            sent |= {part["PartNumber"]: part for part in page.get("Parts", [])}
            if not page.get("IsTruncated"):
                return sent
            request["PartNumberMarker"] = page["NextPartNumberMarker"]
