# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The filters `storage_buckets`, `storage_replications`, `storage_replication_policy` and `storage_problems`.

They turn the settings of the role `storage` into what modules take. Each one's documentation stands in a file of its name.

`platform` is a dict: `prefix` (<platform>-<environment>), `account_id`, `regions`, `log_bucket` (the thing that takes
the access logs), `noncurrent_days` (for buckets that don't say) and `abort_uploads_days`.
"""

from __future__ import annotations

import re
import typing as t

Settings = dict[str, dict[str, t.Any]]

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
_FORBIDDEN_STARTS = ("xn--", "sthree-", "amzn-s3-demo-")
_FORBIDDEN_ENDS = ("-s3alias", "--ol-s3", "--x-s3", "--table-s3")
_MODES = ("two_way", "one_way", "none")


def bucket_name(platform: dict[str, t.Any], region: str, thing: str) -> str:
    """The name of a region's bucket."""
    return f"{platform['prefix']}-{region}-storage-{thing}"


def _alias(platform: dict[str, t.Any], region: str) -> str:
    return f"alias/{platform['prefix']}-{region}-storage"


def _is_kms(setting: dict[str, t.Any]) -> bool:
    return setting.get("encryption", "kms") == "kms"


def storage_buckets(
    buckets: Settings, platform: dict[str, t.Any], region: str, key_arn: str, tags: dict[str, str]
) -> list[dict[str, t.Any]]:
    """The region's buckets as M(knowledgecity.platform.s3_buckets) takes them."""
    entries = []
    for thing, setting in buckets.items():
        name = bucket_name(platform, region, thing)
        entry: dict[str, t.Any] = {
            "name": name,
            "versioning": True,
            "block_public_access": True,
            "object_ownership": "BucketOwnerEnforced",
            "encryption": {"algorithm": "aws:kms", "kms_key_id": key_arn, "bucket_key": True}
            if _is_kms(setting)
            else {"algorithm": "AES256"},
            "policy": _bucket_policy(buckets, platform, region, thing, key_arn),
            "lifecycle": _lifecycle(setting, platform),
            "access_log": {"bucket": "", "prefix": ""},
            "tags": tags | {"Name": name},
        }
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
    statements: list[dict[str, t.Any]] = [
        {
            "Sid": "DenyPlaintext",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [bucket, f"{bucket}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ]
    if _is_kms(setting):
        alias_arn = f"arn:aws:kms:{region}:{platform['account_id']}:{_alias(platform, region)}"
        # A put that names no encryption gets the bucket's default. Replicas are written by s3:ReplicateObject.
        refused = {
            "DenyOtherEncryption": {
                "StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"},
                "Null": {"s3:x-amz-server-side-encryption": "false"},
            },
            "DenyOtherKeys": {
                "StringNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": [key_arn, alias_arn]},
                "Null": {"s3:x-amz-server-side-encryption-aws-kms-key-id": "false"},
            },
            # S3 would take AWS's own key, which replication can't read.
            "DenyUnnamedKeys": {
                "StringEquals": {"s3:x-amz-server-side-encryption": "aws:kms"},
                "Null": {"s3:x-amz-server-side-encryption-aws-kms-key-id": "true"},
            },
            "DenyKeysOfCustomers": {"Null": {"s3:x-amz-server-side-encryption-customer-algorithm": "false"}},
        }
        statements += [
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
    if thing == platform["log_bucket"]:
        # It writes below the number of the account whose load balancer it is, so that no other account's gets in.
        # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
        statements.append(
            {
                "Sid": "AllowLogsOfLoadBalancers",
                "Effect": "Allow",
                "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
                "Action": "s3:PutObject",
                "Resource": f"{bucket}/balancers/*/AWSLogs/{platform['account_id']}/*",
            }
        )
        logged = [other for other, its in buckets.items() if other != thing and its.get("access_log", True)]
        if logged:
            statements.append(
                {
                    "Sid": "AllowAccessLogs",
                    "Effect": "Allow",
                    "Principal": {"Service": "logging.s3.amazonaws.com"},
                    "Action": "s3:PutObject",
                    "Resource": [f"{bucket}/{_log_prefix(other)}*" for other in logged],
                    "Condition": {
                        "ArnLike": {
                            "aws:SourceArn": [
                                f"arn:aws:s3:::{bucket_name(platform, region, other)}" for other in logged
                            ]
                        },
                        "StringEquals": {"aws:SourceAccount": platform["account_id"]},
                    },
                }
            )
    return {"Version": "2012-10-17", "Statement": statements + list(setting.get("statements") or [])}


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


def _replication(setting: dict[str, t.Any]) -> dict[str, t.Any]:
    """A bucket's replication setting; `mode` is none where no prefix is to be replicated."""
    replication = dict(setting.get("replication") or {})
    if not replication.get("prefixes", [""]):
        replication["mode"] = "none"
    replication.setdefault("mode", "none")
    replication.setdefault("prefixes", [""])
    return replication


def _destinations(setting: dict[str, t.Any], platform: dict[str, t.Any], region: str) -> list[str]:
    """The regions that a region's bucket replicates to."""
    replication = _replication(setting)
    if replication["mode"] == "none" or (replication["mode"] == "one_way" and replication.get("source") != region):
        return []
    return [other for other in platform["regions"] if other != region]


def storage_replications(
    buckets: Settings, platform: dict[str, t.Any], region: str, wanted: bool = True
) -> list[dict[str, t.Any]]:
    """The replications from a region as M(knowledgecity.platform.s3_replication) takes them.

    With `wanted` false, those that there must not be: from every bucket that the settings don't let replicate.
    """
    entries = []
    for thing, setting in buckets.items():
        replication = _replication(setting)
        destinations = _destinations(setting, platform, region)
        if not wanted:
            if not destinations:
                entries += [_pair(platform, region, other, thing) for other in platform["regions"] if other != region]
            continue
        for other in destinations:
            entry = _pair(platform, region, other, thing) | {
                "prefixes": list(replication["prefixes"]),
                "replication_time_control": bool(replication.get("time_control", False)),
                "metrics": True,
                "delete_markers": True,
                "replica_modifications": replication["mode"] == "two_way",
            }
            if _is_kms(setting):
                entry["destination_kms_key"] = f"arn:aws:kms:{other}:{platform['account_id']}:{_alias(platform, other)}"
            entries.append(entry)
    return entries


def _pair(platform: dict[str, t.Any], region: str, other: str, thing: str) -> dict[str, t.Any]:
    return {
        "bucket": bucket_name(platform, region, thing),
        "destination_bucket": bucket_name(platform, other, thing),
        "destination_region": other,
    }


def storage_replication_policy(buckets: Settings, platform: dict[str, t.Any]) -> dict[str, t.Any]:
    """What the replication role may do, and nothing else. An empty dict where nothing replicates.

    As in https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
    The keys' ARNs aren't known here, so that KMS is bounded by alias, service and encryption context. The context is the
    bucket's ARN where bucket keys are on, and the object's where they are not.
    """
    sources: list[str] = []
    read: list[str] = []
    write: list[str] = []
    decrypt: dict[str, list[str]] = {}
    encrypt: dict[str, list[str]] = {}
    for region in platform["regions"]:
        for thing, setting in buckets.items():
            destinations = _destinations(setting, platform, region)
            if not destinations:
                continue
            source = f"arn:aws:s3:::{bucket_name(platform, region, thing)}"
            objects = [f"{prefix}*" for prefix in _replication(setting)["prefixes"]]
            sources.append(source)
            read += [f"{source}/{part}" for part in objects]
            for other in destinations:
                replica = f"arn:aws:s3:::{bucket_name(platform, other, thing)}"
                write += [f"{replica}/{part}" for part in objects]
                if _is_kms(setting):
                    encrypt.setdefault(other, []).extend([replica, f"{replica}/*"])
            if _is_kms(setting):
                decrypt.setdefault(region, []).extend([source, f"{source}/*"])
    if not sources:
        return {}
    statements: list[dict[str, t.Any]] = [
        {
            "Sid": "ReadWhatReplicates",
            "Effect": "Allow",
            "Action": ["s3:GetReplicationConfiguration", "s3:ListBucket"],
            "Resource": sources,
        },
        {
            "Sid": "ReadSources",
            "Effect": "Allow",
            "Action": ["s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging"],
            "Resource": read,
        },
        {
            "Sid": "WriteReplicas",
            "Effect": "Allow",
            "Action": ["s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"],
            "Resource": list(dict.fromkeys(write)),
        },
    ]
    for verb, actions, contexts in (
        ("Decrypt", ["kms:Decrypt"], decrypt),
        # Bucket keys at the destination are data keys.
        ("Encrypt", ["kms:Encrypt", "kms:GenerateDataKey"], encrypt),
    ):
        for region, arns in contexts.items():
            statements.append(
                {
                    "Sid": f"{verb}In{''.join(part.capitalize() for part in region.split('-'))}",
                    "Effect": "Allow",
                    "Action": actions,
                    "Resource": f"arn:aws:kms:{region}:{platform['account_id']}:key/*",
                    "Condition": {
                        "ForAnyValue:StringEquals": {"kms:ResourceAliases": _alias(platform, region)},
                        "StringEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"},
                        "StringLike": {"kms:EncryptionContext:aws:s3:arn": list(dict.fromkeys(arns))},
                    },
                }
            )
    return {"Version": "2012-10-17", "Statement": statements}


def storage_problems(buckets: Settings, platform: dict[str, t.Any], keep: t.Sequence[str] = ()) -> list[str]:
    """What is wrong with the settings, each with the setting to mend; an empty list where nothing is."""
    names = [bucket_name(platform, region, thing) for thing in buckets for region in platform["regions"]]
    wrong = [name for name in names if not _is_bucket_name(name)]
    problems = []
    if wrong:
        problems.append(
            f"No bucket names are {', '.join(wrong)}: 3 to 63 lower-case letters, digits and hyphens. Shorten or change "
            "platform_name, platform_environment or the bucket's key in storage_buckets."
        )
    for thing, setting in buckets.items():
        if setting.get("encryption", "kms") not in ("kms", "s3"):
            problems.append(f"storage_buckets.{thing}.encryption is {setting['encryption']!r}; it can be kms or s3.")
        problems += _replication_problems(thing, setting, platform)
    problems += _log_problems(buckets, platform["log_bucket"])
    unknown = [thing for thing in keep if thing not in buckets]
    if unknown:
        problems.append(f"storage_keep names {', '.join(unknown)}, which storage_buckets does not have.")
    return problems


def _is_bucket_name(name: str) -> bool:
    return bool(_NAME.fullmatch(name) and not name.startswith(_FORBIDDEN_STARTS) and not name.endswith(_FORBIDDEN_ENDS))


def _log_problems(buckets: Settings, log_bucket: str) -> list[str]:
    if log_bucket not in buckets:
        return [f"storage_log_bucket is {log_bucket!r}, which storage_buckets does not have."]
    if _is_kms(buckets[log_bucket]):
        return [
            f"storage_buckets.{log_bucket}.encryption is kms: S3 delivers access logs, and load balancers theirs, to "
            "buckets with SSE-S3 only. Set it to s3."
        ]
    return []


def _replication_problems(thing: str, setting: dict[str, t.Any], platform: dict[str, t.Any]) -> list[str]:
    where = f"storage_buckets.{thing}.replication"
    replication = setting.get("replication") or {}
    mode = replication.get("mode", "none")
    problems = []
    if mode not in _MODES:
        problems.append(f"{where}.mode is {mode!r}; it can be {', '.join(_MODES)}.")
    if mode == "one_way" and replication.get("source") not in platform["regions"]:
        problems.append(
            f"{where}.source is {replication.get('source')!r}: with mode one_way it names one of "
            f"{', '.join(platform['regions'])}."
        )
    if mode == "none":
        return problems
    reserved = setting.get("never_replicated") or []
    return problems + [
        f"{where}.prefixes holds {prefix!r}, which covers {never!r}: that prefix is copied by its own modules and stays "
        "out of replication."
        for prefix in replication.get("prefixes", [""])
        for never in reserved
        if never.startswith(prefix) or prefix.startswith(never)
    ]


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable]:
        return {
            "storage_buckets": storage_buckets,
            "storage_problems": storage_problems,
            "storage_replication_policy": storage_replication_policy,
            "storage_replications": storage_replications,
        }
