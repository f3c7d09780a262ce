# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read the versions of objects, and copy old ones; the client is passed in."""

from __future__ import annotations

import dataclasses
import typing as t
from urllib.parse import urlencode

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import doing
from ansible_collections.knowledgecity.platform.plugins.module_utils._parallel import in_parallel
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._s3_prefix_restore.model import (
    COPY_OF,
    Version,
    Wanted,
    candidates,
)

# One request copies no more.
_ONE_COPY = 5 * 1024**3
# What a copy has of its version, by the names of HeadObject and CopyObject.
_HEADERS = (
    *("ContentType", "CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "StorageClass"),
    *("ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled"),
)


class VersionStore:
    """The versions in one bucket."""

    def __init__(self, client: t.Any, wanted: Wanted):
        self._client = client
        self._wanted = wanted

    def versioned(self) -> bool:
        """Return whether the bucket keeps versions."""
        with doing(f"read the versioning of {self._wanted.bucket}"):
            return self._client.get_bucket_versioning(Bucket=self._wanted.bucket).get("Status") == "Enabled"

    def read(self) -> list[Version]:
        """Read all versions below the prefix; of those that may be copies, what they are copies of."""
        found = []
        with doing(f"list the versions below {self._wanted.prefix} in {self._wanted.bucket}"):
            pages = self._client.get_paginator("list_object_versions").paginate(
                Bucket=self._wanted.bucket, Prefix=self._wanted.prefix
            )
            for page in pages:
                found += [_version(item, marker=False) for item in page.get("Versions", [])]
                found += [_version(item, marker=True) for item in page.get("DeleteMarkers", [])]
        doubtful = [latest for _old, latest in candidates(self._wanted, found) if not latest.marker]
        copies = dict(in_parallel(lambda item: ((item.key, item.id), self._copy_of(item)), doubtful))
        return [dataclasses.replace(item, copy_of=copies.get((item.key, item.id))) for item in found]

    def _head(self, version: Version) -> dict[str, t.Any]:
        with doing(f"read the version {version.id} of {version.key}"):
            return self._client.head_object(Bucket=self._wanted.bucket, Key=version.key, VersionId=version.id)

    def _copy_of(self, version: Version) -> str | None:
        return self._head(version).get("Metadata", {}).get(COPY_OF)

    def apply(self, changes: t.Sequence[Change]) -> None:
        """Copy the versions, several at the same time."""
        in_parallel(lambda change: self._restore(change.data), changes)

    def _restore(self, version: Version) -> None:
        head, place = self._head(version), {"Bucket": self._wanted.bucket, "Key": version.key}
        asked = {name: head[name] for name in _HEADERS if head.get(name)}
        asked |= {"Metadata": head.get("Metadata", {}) | {COPY_OF: version.id}, "MetadataDirective": "REPLACE"}
        source = place | {"VersionId": version.id}
        with doing(f"restore the version {version.id} of {version.key}"):
            if version.size <= _ONE_COPY:
                self._client.copy_object(**place, CopySource=source, TaggingDirective="COPY", **asked)
                return
            tags = self._client.get_object_tagging(**source)["TagSet"]
            if tags:
                asked["Tagging"] = urlencode({tag["Key"]: tag["Value"] for tag in tags})
            self._client.copy(source, place["Bucket"], place["Key"], ExtraArgs=asked)


def _version(item: dict[str, t.Any], *, marker: bool) -> Version:
    return Version(
        item["Key"], item["VersionId"], item["LastModified"], item["IsLatest"], marker, item.get("Size") or 0
    )
