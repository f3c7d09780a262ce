# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Buckets as they are."""

from __future__ import annotations

import contextlib
import typing as t
from collections.abc import Iterator

from botocore.exceptions import ClientError

from tests.policies.template import Properties, Resource, chosen

_EVERYBODY = "http://acs.amazonaws.com/groups/global/AllUsers"
_SIGNED_IN = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"


def buckets(s3: t.Any, prefix: str, region: str) -> Iterator[Resource]:
    """The buckets in the region whose names begin so."""
    for bucket in s3.list_buckets()["Buckets"]:
        name = bucket["Name"]
        if name.startswith(prefix) and _region(s3, name) == region:
            yield Resource("AWS::S3::Bucket", name, _properties(s3, name))


def _region(s3: t.Any, name: str) -> str:
    return s3.get_bucket_location(Bucket=name)["LocationConstraint"] or "us-east-1"


def _properties(s3: t.Any, name: str) -> Properties:
    found: Properties = {"BucketName": name}
    # What isn't set is answered with an error.
    with contextlib.suppress(ClientError):
        rules = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
        found["BucketEncryption"] = {"ServerSideEncryptionConfiguration": [_encryption(rule) for rule in rules]}
    with contextlib.suppress(ClientError):
        block = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
        found["PublicAccessBlockConfiguration"] = block
    with contextlib.suppress(ClientError):
        found["OwnershipControls"] = s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]
    versioning = s3.get_bucket_versioning(Bucket=name).get("Status")
    if versioning:
        found["VersioningConfiguration"] = {"Status": versioning}
    logging = s3.get_bucket_logging(Bucket=name).get("LoggingEnabled")
    if logging:
        target = {"DestinationBucketName": logging["TargetBucket"], "LogFilePrefix": logging["TargetPrefix"]}
        found["LoggingConfiguration"] = target
    return found | {"AccessControl": _access_control(s3.get_bucket_acl(Bucket=name)["Grants"])}


def _encryption(rule: Properties) -> Properties:
    return chosen(rule, "BucketKeyEnabled") | {
        "ServerSideEncryptionByDefault": rule["ApplyServerSideEncryptionByDefault"]
    }


def _access_control(grants: list[Properties]) -> str:
    """The name of the canned ACL that gives others as much as these grants do."""
    given = {grant["Permission"] for grant in grants if grant["Grantee"].get("URI") in (_EVERYBODY, _SIGNED_IN)}
    if given & {"WRITE", "WRITE_ACP", "FULL_CONTROL"}:
        return "PublicReadWrite"
    return "PublicRead" if given else "Private"
