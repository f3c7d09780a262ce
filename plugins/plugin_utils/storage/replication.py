# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Turn the settings of the role `storage` into replications, and the policy of the role that replicates."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.plugin_utils.storage.settings import (
    Settings,
    bucket_name,
    destinations_of,
    is_kms,
    key_alias,
    replication_of,
)


def storage_replications(
    buckets: Settings, platform: dict[str, t.Any], region: str, wanted: bool = True
) -> list[dict[str, t.Any]]:
    """Return the replications from a region as M(knowledgecity.platform.s3_replication) takes them.

    With `wanted` false, return those to remove: of every bucket that doesn't replicate by the settings.
    """
    entries = []
    for thing, setting in buckets.items():
        replication = replication_of(setting)
        destinations = destinations_of(setting, platform, region)
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
            if is_kms(setting):
                entry["destination_kms_key"] = (
                    f"arn:aws:kms:{other}:{platform['account_id']}:{key_alias(platform, other)}"
                )
            entries.append(entry)
    return entries


def _pair(platform: dict[str, t.Any], region: str, other: str, thing: str) -> dict[str, t.Any]:
    return {
        "bucket": bucket_name(platform, region, thing),
        "destination_bucket": bucket_name(platform, other, thing),
        "destination_region": other,
    }


def storage_replication_policy(buckets: Settings, platform: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return the policy of the replication role. An empty dict where nothing replicates.

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
            destinations = destinations_of(setting, platform, region)
            if not destinations:
                continue
            source = f"arn:aws:s3:::{bucket_name(platform, region, thing)}"
            objects = [f"{prefix}*" for prefix in replication_of(setting)["prefixes"]]
            sources.append(source)
            read += [f"{source}/{part}" for part in objects]
            for other in destinations:
                replica = f"arn:aws:s3:::{bucket_name(platform, other, thing)}"
                write += [f"{replica}/{part}" for part in objects]
                if is_kms(setting):
                    encrypt.setdefault(other, []).extend([replica, f"{replica}/*"])
            if is_kms(setting):
                decrypt.setdefault(region, []).extend([source, f"{source}/*"])
    if not sources:
        return {}
    read_actions = ["s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging"]
    write_actions = ["s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"]
    statements = [
        _allow("ReadWhatReplicates", ["s3:GetReplicationConfiguration", "s3:ListBucket"], sources),
        _allow("ReadSources", read_actions, read),
        _allow("WriteReplicas", write_actions, write),
    ]
    # Bucket keys at the destination are data keys.
    keys = {"Decrypt": (["kms:Decrypt"], decrypt), "Encrypt": (["kms:Encrypt", "kms:GenerateDataKey"], encrypt)}
    for verb, (actions, contexts) in keys.items():
        for region, arns in contexts.items():
            sid = f"{verb}In{''.join(part.capitalize() for part in region.split('-'))}"
            key = f"arn:aws:kms:{region}:{platform['account_id']}:key/*"
            condition = {
                "ForAnyValue:StringEquals": {"kms:ResourceAliases": key_alias(platform, region)},
                "StringEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"},
                "StringLike": {"kms:EncryptionContext:aws:s3:arn": list(dict.fromkeys(arns))},
            }
            statements.append(_allow(sid, actions, key) | {"Condition": condition})
    return {"Version": "2012-10-17", "Statement": statements}


def _allow(sid: str, actions: list[str], resources: str | list[str]) -> dict[str, t.Any]:
    if isinstance(resources, list):
        resources = list(dict.fromkeys(resources))
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}
