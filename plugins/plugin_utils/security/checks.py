# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Check the settings of the role `security`."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.knowledgecity.platform.plugins.plugin_utils.security import web_acl
from ansible_collections.knowledgecity.platform.plugins.plugin_utils.security.boundary import boundary
from ansible_collections.knowledgecity.platform.plugins.plugin_utils.security.roles import roles
from ansible_collections.knowledgecity.platform.plugins.plugin_utils.security.statements import Data

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_ROLE_NAME_MAX = 64
_INLINE_MAX = 10240
_MANAGED_MAX = 6144


def problems(
    document: Data,
    refused: t.Sequence[Data],
    platform: Data,
    more: t.Mapping[str, t.Sequence[Data]],
    groups: t.Sequence[Data],
    rate_limit: int,
) -> list[str]:
    """Return each problem with the setting to fix; an empty list where nothing is wrong."""
    found = web_acl.problems(groups, rate_limit)
    unknown = [tier for tier in more if tier not in document["tiers"]]
    if unknown:
        known = ", ".join(document["tiers"])
        found.append(f"security_tier_statements names {', '.join(unknown)}; there are the tiers {known}.")
    for role in roles(document, platform, more):
        if len(role["name"]) > _ROLE_NAME_MAX:
            found.append(
                f"The role name {role['name']} has {len(role['name'])} characters; IAM allows {_ROLE_NAME_MAX}. Shorten "
                "platform_name or platform_environment."
            )
        size = sum(_size(policy) for policy in role["policies"].values())
        if size > _INLINE_MAX:
            found.append(
                f"The policies of the role {role['name']} have {size} characters; IAM allows {_INLINE_MAX}. Take statements "
                "out of security_tier_statements."
            )
    size = _size(boundary(document, refused, platform, more))
    if size > _MANAGED_MAX:
        found.append(f"The permissions boundary has {size} characters; IAM allows {_MANAGED_MAX}.")
    return found


def _size(policy: Data) -> int:
    return len(json.dumps(policy, separators=(",", ":")))
