# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read, remove and copy backups in a bucket. After every call the next run can go on from what is there."""

from __future__ import annotations

import datetime
import email.utils
import json
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup import metadata
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.model import (
    METADATA,
    RECORD,
    REQUEST,
    RESTORED,
    VERIFIED,
    Backup,
    StoredObject,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError, doing
from ansible_collections.knowledgecity.platform.plugins.module_utils._parallel import in_parallel

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule reports the missing library
    ClientError = Exception

_CHUNK = 1 << 20
_DELETED_AT_ONCE = 1000  # DeleteObjects takes no more keys
_LAST_TO_GO = (REQUEST,)


class BackupStore:
    """The backups below one prefix of one bucket."""

    def __init__(self, client: t.Any, bucket: str, prefix: str, region: str):
        self._client = client
        self._bucket = bucket
        self._prefix = prefix.strip("/") + "/" if prefix.strip("/") else ""
        self.region = region
        # S3's own clock: ages must not depend on this machine's.
        self.now = datetime.datetime.now(datetime.UTC)
        # Parsed contents by key, for as long as the list shows the same entity tag.
        self._etags: dict[str, str] = {}
        self._parsed: dict[str, tuple[str, t.Any]] = {}

    @property
    def place(self) -> str:
        """Name the place in messages."""
        return f"s3://{self._bucket}/{self._prefix} in {self.region}"

    def check_bucket(self) -> None:
        """Raise PlatformError where the bucket isn't there or is another region's."""
        with doing(f"find the bucket {self._bucket} in {self.region}"):
            location = self._client.get_bucket_location(Bucket=self._bucket)["LocationConstraint"] or "us-east-1"
        if location != self.region:
            raise PlatformError(
                f"The bucket {self._bucket} is in {location}, not in {self.region}. Fix: name the bucket of {self.region}, or "
                "set the region to the bucket's. Nothing was changed."
            )

    def read(self, name: str | None = None) -> dict[str, Backup]:
        """Read all backups by name, or only one."""
        with doing(f"list the backups in {self.place}"):
            listed = self._list(f"{name}/" if name else "")
            backups = in_parallel(lambda item: self._backup(*item), listed.items())
            return {backup.name: backup for backup in backups}

    def _list(self, below: str) -> dict[str, dict[str, StoredObject]]:
        listed: dict[str, dict[str, StoredObject]] = {}
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix + below)
        for page in pages:
            self._note_time(page)
            for item in page.get("Contents", []):
                name, slash, key = item["Key"][len(self._prefix) :].partition("/")
                if slash and key:
                    self._etags[item["Key"]] = item["ETag"]
                    listed.setdefault(name, {})[key] = StoredObject(item["Size"], item["LastModified"])
        return listed

    def _note_time(self, answer: dict[str, t.Any]) -> None:
        date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
        if date:
            self.now = email.utils.parsedate_to_datetime(date)

    def _backup(self, name: str, objects: dict[str, StoredObject]) -> Backup:
        description, fault = self._once(name, METADATA, self._describe) if METADATA in objects else (None, "")
        own = {
            key: self._once(name, key, self._get_json) if key in objects else None
            for key in (REQUEST, RECORD, VERIFIED, RESTORED)
        }
        return Backup(name, objects, description, fault, *own.values())

    def _once(self, name: str, key: str, read: t.Callable[[str, str], t.Any]) -> t.Any:
        full_key = self._key(name, key)
        etag, parsed = self._parsed.get(full_key, ("", None))
        if etag != self._etags[full_key]:
            parsed = read(name, key)
            self._parsed[full_key] = (self._etags[full_key], parsed)
        return parsed

    def _describe(self, name: str, key: str) -> tuple[metadata.Metadata | None, str]:
        try:
            return metadata.parse(self.get(name, key)), ""
        except ValueError as error:
            return None, str(error)

    def get(self, name: str, key: str) -> bytes:
        """Read an object. Raise botocore's errors."""
        return self._client.get_object(Bucket=self._bucket, Key=self._key(name, key))["Body"].read()

    def chunks(self, name: str, key: str) -> t.Iterator[bytes]:
        """Read an object in chunks. Raise botocore's errors."""
        body = self._client.get_object(Bucket=self._bucket, Key=self._key(name, key))["Body"]
        yield from body.iter_chunks(_CHUNK)

    def _get_json(self, name: str, key: str) -> dict[str, t.Any] | None:
        try:
            content = json.loads(self.get(name, key))
        except ValueError:
            return None  # cut off: counts as missing, and is written again
        return content if isinstance(content, dict) else None

    def put_json(self, name: str, key: str, content: dict[str, t.Any]) -> None:
        """Write one of the module's own objects."""
        with doing(f"write {key} of the backup {name} to {self.place}"):
            self._client.put_object(
                Bucket=self._bucket, Key=self._key(name, key), Body=json.dumps(content, sort_keys=True).encode()
            )

    def claim(self, name: str, content: dict[str, t.Any]) -> None:
        """Write the request of a backup unless there is one. Raise PlatformError where another run was faster."""
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=self._key(name, REQUEST),
                Body=json.dumps(content, sort_keys=True).encode(),
                IfNoneMatch="*",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in ("PreconditionFailed", "ConditionalRequestConflict"):
                raise PlatformError(
                    f"Another run began the backup {name} in {self.place} at this moment. Fix: run again to wait for it."
                ) from error
            with doing(f"claim the backup {name} in {self.place}"):
                raise

    def delete(self, backup: Backup) -> None:
        """Remove all objects of a backup: first its description, last its request."""
        first = [key for key in (METADATA,) if key in backup.objects]
        last = [key for key in _LAST_TO_GO if key in backup.objects]
        between = [key for key in backup.objects if key not in (*first, *last)]
        with doing(f"remove the backup {backup.name} from {self.place}"):
            for keys in (first, between, last):
                self._delete_keys(backup.name, keys)

    def _delete_keys(self, name: str, keys: list[str]) -> None:
        for start in range(0, len(keys), _DELETED_AT_ONCE):
            batch = [{"Key": self._key(name, key)} for key in keys[start : start + _DELETED_AT_ONCE]]
            answer = self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": batch, "Quiet": True})
            refused = answer.get("Errors", [])
            if refused:
                raise PlatformError(
                    f"Could not remove {len(refused)} object(s) of the backup {name} from {self.place}: {refused[0]['Key']}: "
                    f"{refused[0]['Code']} {refused[0].get('Message', '')}. Hint: where the bucket has object lock, wait until "
                    "their retention has ended."
                )

    def copy_from(self, source: BackupStore, name: str, keys: list[str]) -> None:
        """Copy objects of a backup from another bucket, `.backup` last: until then the copy is unfinished.

        Its request comes first, which says whose it is, should the run be cut off.
        """
        with doing(f"copy the backup {name} from {source.place} to {self.place}"):
            if REQUEST in keys:
                self._copy(source, name, REQUEST)
            between = [key for key in keys if key not in (REQUEST, METADATA)]
            in_parallel(lambda key: self._copy(source, name, key), between)
            if METADATA in keys:
                self._copy(source, name, METADATA)

    def _copy(self, source: BackupStore, name: str, key: str) -> None:
        # The managed copy splits objects that are too large for one CopyObject; the bytes stay within S3.
        self._client.copy(
            {"Bucket": source._bucket, "Key": source._key(name, key)},
            self._bucket,
            self._key(name, key),
            SourceClient=source._client,
        )

    def _key(self, name: str, key: str) -> str:
        return f"{self._prefix}{name}/{key}"
