# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A policy can demand a permissions boundary (iam:PermissionsBoundary), and bound what is attached (iam:PolicyARN).

On AWS the first is the boundary that a request sets, or else that of the role or user whose policies it changes; the second is
the policy that is attached or detached. The emulator knows neither condition key, so that a statement with one never allows, and
one that denies where the boundary is another always denies.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
"""

from __future__ import annotations

import re

import ministack.services.iam as iam
from ministack.core import iam_actions

_SETS = re.compile(r"(Create|Put)(Role|User)(PermissionsBoundary)?")
_CHANGES = re.compile(r"(Attach|Detach|Put|Delete)(Role|User)(Policy|PermissionsBoundary)")


def _boundary(operation: str, param) -> str:
    if _SETS.fullmatch(operation):
        return param("PermissionsBoundary")
    if not _CHANGES.fullmatch(operation):
        return ""
    holder = iam._roles.get(param("RoleName")) or iam._users.get(param("UserName")) or {}
    return holder.get("PermissionsBoundary") or ""


def apply() -> None:
    context_of = iam_actions.request_tag_context

    def with_boundary(service, iam_action, body, params):
        context = context_of(service, iam_action, body, params)
        if service != "iam":
            return context

        def param(name: str) -> str:
            return iam_actions._param(body, params, name)

        operation = iam_action.partition(":")[2]
        keys = {"iam:PermissionsBoundary": _boundary(operation, param)}
        if operation.startswith(("Attach", "Detach")):
            keys["iam:PolicyARN"] = param("PolicyArn")
        return context | {key: value for key, value in keys.items() if value}

    iam_actions.request_tag_context = with_boundary
