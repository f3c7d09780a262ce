# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Build the platform's keys by purpose, with their policies."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.plugin_utils.security.roles import role_name
from ansible_collections.knowledgecity.platform.plugins.plugin_utils.security.statements import VERSION, Data

_ADMINISTRATION = [
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:ReplicateKey",
    "kms:RevokeGrant",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
    "kms:UpdatePrimaryRegion",
]
_USE = [
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
]


def key_alias(platform: Data, region: str, purpose: str) -> str:
    """Return the alias of a region's key."""
    return f"alias/{platform['prefix']}-{region}-{purpose}"


def keys(
    definitions: t.Mapping[str, Data],
    platform: Data,
    region: str,
    key_region: str,
    more: t.Mapping[str, t.Sequence[Data]],
) -> list[Data]:
    """Return the keys to create in a region, as M(knowledgecity.platform.kms_keys) takes them.

    Multi-Region keys are created in `key_region` only. `more` are statements that other tiers add, by purpose.
    """
    return [
        _described(purpose, definition, platform, region, more)
        | {"multi_region": bool(definition.get("multi_region")), "rotation_days": definition.get("rotation_days", 365)}
        for purpose, definition in definitions.items()
        if region == key_region or not definition.get("multi_region")
    ]


def replicas(
    definitions: t.Mapping[str, Data],
    platform: Data,
    region: str,
    key_region: str,
    more: t.Mapping[str, t.Sequence[Data]],
) -> list[Data]:
    """Return the replicas of a region, as M(knowledgecity.platform.kms_replica_key) takes them; none in `key_region`."""
    return [
        _described(purpose, definition, platform, region, more)
        | {"primary": key_alias(platform, key_region, purpose), "replica_region": region}
        for purpose, definition in definitions.items()
        if region != key_region and definition.get("multi_region")
    ]


def _described(
    purpose: str, definition: Data, platform: Data, region: str, more: t.Mapping[str, t.Sequence[Data]]
) -> Data:
    alias = key_alias(platform, region, purpose)
    return {
        "alias": alias,
        "description": f"{definition['description']} of {platform['prefix']} in {region}",
        "policy": _with(key_policy(definition, platform, region), more.get(purpose) or []),
        "tags": platform["tags"] | {"Name": alias.removeprefix("alias/")},
    }


def _with(policy: Data, statements: t.Sequence[Data]) -> Data:
    return policy | {"Statement": [*policy["Statement"], *statements]}


def key_policy(definition: Data, platform: Data, region: str) -> Data:
    """Return a key's policy: IAM decides who administers it; only those named can use it, and only if IAM allows it too.

    Conditions name the roles: KMS refuses a policy whose principal is a role that doesn't exist yet.
    """
    account = {"AWS": f"arn:aws:iam::{platform['account_id']}:root"}
    statements: list[Data] = [_allow("Administration", account, _ADMINISTRATION, {})]
    services = [f"{service}.{region}.amazonaws.com" for service in definition.get("services", [])]
    if services:
        statements.append(_allow("UseThroughServices", account, _USE, {"StringEquals": {"kms:ViaService": services}}))
    tiers = [
        f"arn:aws:iam::{platform['account_id']}:role/{role_name(platform, region, tier)}"
        for tier in definition.get("tiers", [])
    ]
    if tiers:
        statements.append(_allow("UseByTiers", account, _USE, {"ArnEquals": {"aws:PrincipalArn": tiers}}))
    service_roles = [
        f"arn:aws:iam::{platform['account_id']}:role/{path}" for path in definition.get("service_roles", [])
    ]
    # AWS's service roles have no policy of ours: this statement alone allows them, hence the account and their ARNs.
    of_account = {"StringEquals": {"kms:CallerAccount": platform["account_id"]}}
    if service_roles:
        by_role = of_account | {"ArnEquals": {"aws:PrincipalArn": service_roles}}
        statements.append(_allow("UseByServiceRoles", {"AWS": "*"}, _USE, by_role))
        grants = by_role | {"Bool": {"kms:GrantIsForAWSResource": "true"}}
        statements.append(_allow("GrantsByServiceRoles", {"AWS": "*"}, ["kms:CreateGrant"], grants))
    if services or tiers:
        grants = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
        statements.append(_allow("GrantsToServices", account, ["kms:CreateGrant"], grants))
    return {"Version": VERSION, "Statement": statements}


def _allow(sid: str, principal: Data, actions: t.Sequence[str], condition: Data) -> Data:
    statement = {"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": list(actions), "Resource": "*"}
    return statement | ({"Condition": condition} if condition else {})
