# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Turn the settings of the role `storage` into buckets with their policies and lifecycle rules."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.plugin_utils.storage.settings import (
    Settings,
    bucket_name,
    is_kms,
    key_alias,
)

Statement = dict[str, t.Any]


def storage_buckets(
    buckets: Settings, platform: dict[str, t.Any], region: str, key_arn: str, tags: dict[str, str]
) -> list[dict[str, t.Any]]:
    """Return the region's buckets as M(knowledgecity.platform.s3_buckets) takes them."""
    entries = []
    for thing, setting in buckets.items():
        name = bucket_name(platform, region, thing)
        entry: dict[str, t.Any] = {
            "name": name,
            "versioning": True,
            "block_public_access": True,
            "object_ownership": "BucketOwnerEnforced",
            "encryption": {"algorithm": "aws:kms", "kms_key_id": key_arn, "bucket_key": True}
            if is_kms(setting)
            else {"algorithm": "AES256"},
            "policy": _bucket_policy(buckets, platform, region, thing, key_arn),
            "lifecycle": _lifecycle(setting, platform),
            "access_log": {"bucket": "", "prefix": ""},
            "tags": tags | {"Name": name},
        }
        if not setting.get("versioning", True):
            del entry["versioning"]
        if thing != platform["log_bucket"] and setting.get("access_log", True):
            log_bucket = bucket_name(platform, region, platform["log_bucket"])
            entry["access_log"] = {"bucket": log_bucket, "prefix": _log_prefix(thing)}
        entries.append(entry)
    return entries


def _log_prefix(thing: str) -> str:
    return f"s3/{thing}/"


def _bucket_policy(
    buckets: Settings, platform: dict[str, t.Any], region: str, thing: str, key_arn: str
) -> dict[str, t.Any]:
    setting = buckets[thing]
    bucket = f"arn:aws:s3:::{bucket_name(platform, region, thing)}"
    statements: list[Statement] = [
        {
            "Sid": "DenyPlaintext",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [bucket, f"{bucket}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ]
    if is_kms(setting):
        alias_arn = f"arn:aws:kms:{region}:{platform['account_id']}:{key_alias(platform, region)}"
        statements += _deny_other_keys(bucket, [key_arn, alias_arn])
    if thing == platform["log_bucket"]:
        statements += _allow_logs(bucket, buckets, platform, region)
    return {"Version": "2012-10-17", "Statement": statements + list(setting.get("statements") or [])}


def _deny_other_keys(bucket: str, key_arns: list[str]) -> list[Statement]:
    """Return the statements that deny puts under other keys. A put that names no encryption gets the bucket's default."""
    refused = {
        "DenyOtherEncryption": {
            "StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"},
            "Null": {"s3:x-amz-server-side-encryption": "false"},
        },
        "DenyOtherKeys": {
            "StringNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": key_arns},
            "Null": {"s3:x-amz-server-side-encryption-aws-kms-key-id": "false"},
        },
        # S3 would take AWS's own key, which replication can't read.
        "DenyUnnamedKeys": {
            "StringEquals": {"s3:x-amz-server-side-encryption": "aws:kms"},
            "Null": {"s3:x-amz-server-side-encryption-aws-kms-key-id": "true"},
        },
        "DenyKeysOfCustomers": {"Null": {"s3:x-amz-server-side-encryption-customer-algorithm": "false"}},
    }
    # Replicas are written by s3:ReplicateObject.
    return [
        {
            "Sid": sid,
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:PutObject",
            "Resource": f"{bucket}/*",
            "Condition": condition,
        }
        for sid, condition in refused.items()
    ]


def _allow_logs(bucket: str, buckets: Settings, platform: dict[str, t.Any], region: str) -> list[Statement]:
    """Return the statements that let load balancers and S3 write their logs into the log bucket."""
    # The service writes below the ID of the load balancer's account: other accounts' logs are refused.
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    statements: list[Statement] = [
        {
            "Sid": "AllowLogsOfLoadBalancers",
            "Effect": "Allow",
            "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"{bucket}/balancers/*/AWSLogs/{platform['account_id']}/*",
        }
    ]
    logged = [
        thing for thing, its in buckets.items() if thing != platform["log_bucket"] and its.get("access_log", True)
    ]
    if logged:
        sources = [f"arn:aws:s3:::{bucket_name(platform, region, thing)}" for thing in logged]
        statements.append(
            {
                "Sid": "AllowAccessLogs",
                "Effect": "Allow",
                "Principal": {"Service": "logging.s3.amazonaws.com"},
                "Action": "s3:PutObject",
                "Resource": [f"{bucket}/{_log_prefix(thing)}*" for thing in logged],
                "Condition": {
                    "ArnLike": {"aws:SourceArn": sources},
                    "StringEquals": {"aws:SourceAccount": platform["account_id"]},
                },
            }
        )
    return statements


def _lifecycle(setting: dict[str, t.Any], platform: dict[str, t.Any]) -> list[dict[str, t.Any]]:
    rules: list[dict[str, t.Any]] = []
    noncurrent_days = setting.get("noncurrent_days", platform["noncurrent_days"])
    if noncurrent_days:
        rules.append(
            {
                "id": "noncurrent-versions",
                "noncurrent_expire_days": noncurrent_days,
                "noncurrent_keep": setting.get("noncurrent_keep") or None,
                "expire_delete_markers": not setting.get("expire_days"),
            }
        )
    if platform["abort_uploads_days"]:
        rules.append({"id": "unfinished-uploads", "abort_multipart_days": platform["abort_uploads_days"]})
    if setting.get("expire_days"):
        rules.append({"id": "expiry", "expire_days": setting["expire_days"]})
    for prefix, days in sorted((setting.get("expire_prefixes") or {}).items()):
        rules.append({"id": f"expiry-of-{prefix.strip('/').replace('/', '-')}", "prefix": prefix, "expire_days": days})
    if setting.get("intelligent_tiering_days") is not None:
        step = {"days": setting["intelligent_tiering_days"], "storage_class": "INTELLIGENT_TIERING"}
        rules.append({"id": "tiering", "transitions": [step]})
    return rules
