# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A replica is encrypted with the destination's key, and an object under KMS replicates only where the rule says so.

On AWS a rule without SseKmsEncryptedObjects leaves such objects out; with it the replica is encrypted with ReplicaKmsKeyID, and
the replication fails where that key is missing or disabled, or where the role may not use both keys. The emulator copies the
object as it is, so that the replica names the source's key.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
"""

from __future__ import annotations

import ministack.services.s3 as s3

from lab.emulator.patches.s3._replication_role import bucket_region, may, usable_key

_ALGORITHM = "x-amz-server-side-encryption"
_KEY = "x-amz-server-side-encryption-aws-kms-key-id"


def _replica_key(rule: dict, role: str, source: str, source_key: str) -> str | None:
    """Return the ARN of the key for the replica; None where the role can't read the source or write under that key."""
    destination = rule["Destination"]["Bucket"].split(":::")[-1]
    regions = bucket_region(source), bucket_region(destination)
    old = usable_key(source_key, regions[0])
    new = usable_key(rule["Destination"]["EncryptionConfiguration"]["ReplicaKmsKeyID"], regions[1])
    uses = [("kms:Decrypt", old, regions[0], source), ("kms:Encrypt", new, regions[1], destination)]
    for action, key, region, bucket in uses:
        context = {
            "kms:viaservice": f"s3.{region}.amazonaws.com",
            "kms:encryptioncontext:aws:s3:arn": f"arn:aws:s3:::{bucket}",
        }
        if key is None or not may(role, action, key["Arn"], region, context):
            return None
    return new["Arn"]


def apply() -> None:
    replicate = s3._maybe_replicate

    def replicate_encrypted(bucket_name, key, obj, data, tags=None):
        headers = obj.get("preserved_headers", {})
        rule, role = s3._replication_rule_for(bucket_name, key, tags)
        if rule is None or headers.get(_ALGORITHM) != "aws:kms":
            replicate(bucket_name, key, obj, data, tags)
            return
        selected = rule.get("SourceSelectionCriteria", {}).get("SseKmsEncryptedObjects", {})
        if selected.get("Status") != "Enabled":
            return
        arn = _replica_key(rule, role, bucket_name, headers.get(_KEY, ""))
        if arn is None:
            obj["replication_status"] = "FAILED"
            return
        obj["preserved_headers"] = headers | {_KEY: arn}  # the replica is a copy of what stands here
        try:
            replicate(bucket_name, key, obj, data, tags)
        finally:
            obj["preserved_headers"] = headers

    s3._maybe_replicate = replicate_encrypted
