# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Evaluate what a replication role may do: shared by the patches of S3 replication."""

from __future__ import annotations

import ministack.services.iam as iam
import ministack.services.kms as kms
import ministack.services.s3 as s3
from ministack.core import iam_evaluator
from ministack.core.iam_evaluator import EvalContext
from ministack.core.responses import get_account_id, request_scope

from lab.emulator.state import service_roles

_PRINCIPAL = "s3.amazonaws.com"


def bucket_region(name: str) -> str:
    """Return the region that holds a bucket."""
    return s3._replication_destination_region(name) or ""


def assumable(role_arn: str, source_bucket: str) -> bool:
    """Return whether S3 may assume the role for that bucket."""
    role = iam._roles.get_scoped(_account(role_arn), None, role_arn.rsplit("/", 1)[-1])
    keys = {"aws:sourceaccount": get_account_id(), "aws:sourcearn": f"arn:aws:s3:::{source_bucket}"}
    return role is not None and service_roles.assumable(role, _PRINCIPAL, bucket_region(source_bucket), keys)


def may(role_arn: str, action: str, resource: str, region: str, context: dict[str, str] | None = None) -> bool:
    """Return whether the role's policies and the resource's own allow the action."""
    account, name = _account(role_arn), role_arn.rsplit("/", 1)[-1]
    request = EvalContext(
        principal_arn=f"arn:aws:sts::{account}:assumed-role/{name}/s3-replication",
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=region,
        service_context=context or {},
    )
    service = action.split(":")[0]
    with request_scope(get_account_id(), region):
        found = iam_evaluator._resource_policy(service, resource)
    limits = iam_evaluator._permissions_boundary(iam._roles, name, account)
    result = iam_evaluator.evaluate(request, iam_evaluator._gather_role_policies(name, account), *limits)
    if found is not None:
        result = iam_evaluator.combine_resource_policy(result, request, *found, required=service == "kms")
    return result.decision == "Allow"


def usable_key(name: str, region: str) -> dict | None:
    """Return the enabled key that a key ID, alias or ARN names in a region."""
    with request_scope(get_account_id(), region):
        key = kms._resolve_key(name)
    return key if key and key["KeyState"] == "Enabled" else None


def _account(role_arn: str) -> str:
    return role_arn.split(":")[4] if role_arn.count(":") >= 5 else ""
