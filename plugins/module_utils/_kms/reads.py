# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read KMS keys."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.model import Key


def read_key(
    client: t.Any, name: str, *, with_tags: bool = False, with_policy: bool = False, with_rotation: bool = False
) -> Key:
    """Read the key that a key ID, ARN or alias names. Raise botocore's ClientError as KMS answers."""
    data = client.describe_key(KeyId=name)["KeyMetadata"]
    key_id = data["KeyId"]
    topology = data.get("MultiRegionConfiguration", {})
    policy = client.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"] if with_policy else "{}"
    created = data.get("CreationDate")
    return Key(
        key_id=key_id,
        arn=data["Arn"],
        state=data["KeyState"],
        role=topology.get("MultiRegionKeyType"),
        primary_arn=topology.get("PrimaryKey", {}).get("Arn"),
        origin=data.get("Origin", "AWS_KMS"),
        spec=data.get("KeySpec", "SYMMETRIC_DEFAULT"),
        created=created.timestamp() if created else 0.0,
        description=data.get("Description", ""),
        tags=read_tags(client, key_id) if with_tags else {},
        policy=json.loads(policy),
        rotation_days=_rotation_days(client, key_id) if with_rotation and _is_rotatable(data) else 0,
    )


def read_tags(client: t.Any, key_id: str) -> dict[str, str]:
    """Read a key's tags."""
    pages = client.get_paginator("list_resource_tags").paginate(KeyId=key_id)
    return boto3_tag_list_to_ansible_dict([tag for page in pages for tag in page["Tags"]], "TagKey", "TagValue")


def _is_rotatable(data: dict[str, t.Any]) -> bool:
    # KMS answers GetKeyRotationStatus for this kind of key only.
    return (
        data.get("Origin", "AWS_KMS") == "AWS_KMS" and data.get("KeySpec", "SYMMETRIC_DEFAULT") == "SYMMETRIC_DEFAULT"
    )


def _rotation_days(client: t.Any, key_id: str) -> int:
    status = client.get_key_rotation_status(KeyId=key_id)
    return status.get("RotationPeriodInDays", 365) if status["KeyRotationEnabled"] else 0
