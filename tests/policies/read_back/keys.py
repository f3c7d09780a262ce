# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Keys as they are."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Iterator

from tests.policies.template import Resource


def keys(kms: t.Any, prefix: str) -> Iterator[Resource]:
    """The keys whose aliases begin so, named by them."""
    for page in kms.get_paginator("list_aliases").paginate():
        for alias in page["Aliases"]:
            name = alias["AliasName"].removeprefix("alias/")
            if name.startswith(prefix) and "TargetKeyId" in alias:
                yield _key(kms, name, alias["TargetKeyId"])


def _key(kms: t.Any, name: str, identifier: str) -> Resource:
    metadata = kms.describe_key(KeyId=identifier)["KeyMetadata"]
    properties = {
        "Description": metadata["Description"],
        "KeyPolicy": json.loads(kms.get_key_policy(KeyId=identifier, PolicyName="default")["Policy"]),
    }
    if metadata.get("MultiRegionConfiguration", {}).get("MultiRegionKeyType") == "REPLICA":
        # Its primary rotates it.
        return Resource("AWS::KMS::ReplicaKey", name, properties)
    return Resource(
        "AWS::KMS::Key",
        name,
        properties
        | {
            "EnableKeyRotation": kms.get_key_rotation_status(KeyId=identifier)["KeyRotationEnabled"],
            "MultiRegion": metadata["MultiRegion"],
        },
    )
