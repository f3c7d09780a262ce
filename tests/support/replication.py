# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Create a pair of versioned buckets, a replication role and keys with boto3, for tests of replication."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass

from tests.support.labs import Clients

SOURCE_REGION, DESTINATION_REGION = "me-west-1", "eu-central-1"
TRUST_S3 = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole"}


@dataclass(frozen=True)
class Pair:
    """A source bucket with a key, a destination with another, and the role between them."""

    clients: Clients
    source: str
    destination: str
    role_arn: str
    source_key: str
    destination_key: str

    @property
    def s3(self):
        return self.clients("s3", SOURCE_REGION)

    @property
    def replica_s3(self):
        return self.clients("s3", DESTINATION_REGION)

    def replicate(self, *, with_keys: bool = False) -> None:
        """Replicate the whole bucket, delete markers too."""
        destination: dict = {"Bucket": f"arn:aws:s3:::{self.destination}"}
        rule: dict = {"ID": "all", "Priority": 1, "Status": "Enabled", "Filter": {"Prefix": ""}}
        rule["DeleteMarkerReplication"] = {"Status": "Enabled"}
        if with_keys:
            destination["EncryptionConfiguration"] = {"ReplicaKmsKeyID": self.destination_key}
            rule["SourceSelectionCriteria"] = {"SseKmsEncryptedObjects": {"Status": "Enabled"}}
        configuration = {"Role": self.role_arn, "Rules": [rule | {"Destination": destination}]}
        self.s3.put_bucket_replication(Bucket=self.source, ReplicationConfiguration=configuration)

    def put(self, key: str, *, encrypted: bool = False) -> str | None:
        """Write an object, with the source's key if `encrypted`, and return its replication status."""
        sse = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self.source_key} if encrypted else {}
        self.s3.put_object(Bucket=self.source, Key=key, Body=b"content of " + key.encode(), **sse)
        return self.s3.head_object(Bucket=self.source, Key=key).get("ReplicationStatus")

    def replica_is_there(self, key: str) -> bool:
        """Return whether the destination has the key, not hidden by a delete marker."""
        found = self.replica_s3.list_objects_v2(Bucket=self.destination, Prefix=key)
        return any(item["Key"] == key for item in found.get("Contents", []))


def role_statements(source: str, destination: str, *keys: str) -> list[dict]:
    """Return the permissions of a replication role, as AWS documents them."""
    source_arn, destination_arn = f"arn:aws:s3:::{source}", f"arn:aws:s3:::{destination}"
    reads = ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"]
    writes = ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"]
    statements = [
        (["s3:GetReplicationConfiguration", "s3:ListBucket"], source_arn),
        (reads, f"{source_arn}/*"),
        (writes, f"{destination_arn}/*"),
        *((["kms:Decrypt", "kms:Encrypt"], key) for key in keys),
    ]
    return [{"Effect": "Allow", "Action": actions, "Resource": resource} for actions, resource in statements]


def make_pair(clients: Clients, *, without: str | None = None, trust: dict = TRUST_S3) -> Pair:
    """Create a pair; `without` leaves an action out of the role's permissions."""
    suffix = uuid.uuid4().hex[:8]
    buckets, keys = [], []
    for side, region in (("source", SOURCE_REGION), ("destination", DESTINATION_REGION)):
        s3 = clients("s3", region)
        bucket = f"pair-{suffix}-{side}"
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": region})
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        buckets.append(bucket)
        keys.append(clients("kms", region).create_key()["KeyMetadata"]["Arn"])
    iam = clients("iam", "us-east-1")
    name = f"pair-{suffix}"
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role_arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    statements = role_statements(*buckets, *keys)
    for statement in statements:
        statement["Action"] = [action for action in statement["Action"] if action != without]
    policy = {"Version": "2012-10-17", "Statement": [statement for statement in statements if statement["Action"]]}
    iam.put_role_policy(RoleName=name, PolicyName="replicate", PolicyDocument=json.dumps(policy))
    return Pair(clients, *buckets, role_arn, *keys)
