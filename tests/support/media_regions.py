# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Two regions of the media tier in a lab: buckets with two-way replication, KMS keys with replicas, queues and the region
record.
"""

from __future__ import annotations

import base64
import json
import secrets
import uuid
from dataclasses import dataclass

from tests.support.labs import Clients
from tests.support.replication import TRUST_S3, role_statements

HERE, THERE = "me-west-1", "eu-central-1"
REGIONS = (HERE, THERE)
_VISIBLE_S = "30"


@dataclass(frozen=True)
class MediaRegions:
    """What was created. `token_keys` is the content of the token keys' secret."""

    lab: Clients
    name: str
    old_key: str
    new_key: str
    token_keys: dict

    def bucket(self, region: str) -> str:
        return f"{self.name}-{region}"

    def queue(self, region: str) -> str:
        return self.lab("sqs", region).get_queue_url(QueueName=self.name)["QueueUrl"]

    def settings(self, region: str) -> dict:
        """Return the settings that all media server processes of a region share."""
        endpoint = self.lab.stack.endpoints[region]
        return {
            "region": region,
            "bucket": self.bucket(region),
            "queue_url": self.queue(region),
            "envelope_key": self.old_key.replace(HERE, region),
            "token_secret_id": self.name,
            "record_table": self.name,
            "endpoint_urls": dict.fromkeys(("s3", "sqs", "kms", "secretsmanager", "dynamodb"), endpoint),
            "ca_bundle": str(self.lab.stack.settings.ca_certificate),
            "retain_old_s": 600,
            "token_ttl_s": 600,
            "kms_requests_per_s": 100.0,
        }

    def activate(self, region: str) -> None:
        """Write the active region to both copies of the region record."""
        for place in REGIONS:
            item = {"name": {"S": "active"}, "active_region": {"S": region}, "epoch": {"N": "2"}}
            self.lab("dynamodb", place).put_item(TableName=self.name, Item=item)

    def disable(self, key: str) -> None:
        """Disable a key in both regions, because replicas are disabled separately."""
        for region in REGIONS:
            self.lab("kms", region).disable_key(KeyId=key.replace(HERE, region))


def _new_key(lab: Clients) -> str:
    """Create a multi-Region key with a replica in the other region, and return its ARN."""
    made = lab("kms", HERE).create_key(MultiRegion=True)["KeyMetadata"]
    lab("kms", HERE).replicate_key(KeyId=made["KeyId"], ReplicaRegion=THERE)
    return made["Arn"]


def _replicate(lab: Clients, name: str) -> None:
    iam = lab("iam", "us-east-1")
    document = json.dumps({"Version": "2012-10-17", "Statement": [TRUST_S3]})
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    buckets = [f"{name}-{region}" for region in REGIONS]
    statements = role_statements(*buckets) + role_statements(*reversed(buckets))
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_role_policy(RoleName=name, PolicyName="replicate", PolicyDocument=policy)
    for region, source, destination in ((HERE, *buckets), (THERE, *reversed(buckets))):
        rule = {
            "ID": "all",
            "Priority": 1,
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "DeleteMarkerReplication": {"Status": "Enabled"},
            "Destination": {"Bucket": f"arn:aws:s3:::{destination}"},
        }
        configuration = {"Role": role, "Rules": [rule]}
        lab("s3", region).put_bucket_replication(Bucket=source, ReplicationConfiguration=configuration)


def make_media_regions(lab: Clients) -> MediaRegions:
    """Create everything; the first region is active."""
    name = f"media-{uuid.uuid4().hex[:8]}"
    token_keys = {"keys": {"k1": base64.b64encode(secrets.token_bytes(32)).decode()}, "current": "k1"}
    for region in REGIONS:
        s3 = lab("s3", region)
        bucket = f"{name}-{region}"
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": region})
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        lab("sqs", region).create_queue(QueueName=name, Attributes={"VisibilityTimeout": _VISIBLE_S})
        lab("secretsmanager", region).create_secret(Name=name, SecretString=json.dumps(token_keys))
        lab("dynamodb", region).create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "name", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "name", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
    _replicate(lab, name)
    regions = MediaRegions(lab, name, _new_key(lab), _new_key(lab), token_keys)
    regions.activate(HERE)
    return regions
