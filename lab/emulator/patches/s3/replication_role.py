# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""S3 replicates only what the replication role may read and write.

On AWS S3 assumes the role of the replication configuration: where it can't, or where the role lacks a permission, an object's
replication status becomes FAILED and a delete marker isn't copied. The emulator copies without looking at the role.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-failure-codes.html
"""

from __future__ import annotations

import contextvars

import ministack.services.s3 as s3

from lab.emulator.patches.s3._replication_role import assumable, bucket_region, may

_of_marker = contextvars.ContextVar("of_marker", default=False)


def _allowed(role: str, source: str, destination: str, key: str) -> bool:
    copied = "s3:ReplicateDelete" if _of_marker.get() else "s3:ReplicateObject"
    needed = [
        (source, "s3:GetReplicationConfiguration", ""),
        (source, "s3:ListBucket", ""),
        (source, "s3:GetObjectVersionForReplication", f"/{key}"),
        (source, "s3:GetObjectVersionAcl", f"/{key}"),
        (destination, copied, f"/{key}"),
    ]
    return assumable(role, source) and all(
        may(role, action, f"arn:aws:s3:::{bucket}{path}", bucket_region(bucket)) for bucket, action, path in needed
    )


def apply() -> None:
    find_destination, replicate_marker = s3._replication_destination, s3._maybe_replicate_delete_marker

    def destination(bucket_name, key, rule, role):
        found = find_destination(bucket_name, key, rule, role)
        return found if found and _allowed(role, bucket_name, found[0], key) else None

    def marker(bucket_name, key):
        token = _of_marker.set(True)
        try:
            replicate_marker(bucket_name, key)
        finally:
            _of_marker.reset(token)

    s3._replication_destination, s3._maybe_replicate_delete_marker = destination, marker
