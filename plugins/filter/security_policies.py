# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The filters of the role `security`, which turn its data files into options of modules.

The .yml files of their names document them.
"""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.plugin_utils.security import (
    boundary,
    checks,
    keys,
    roles,
    web_acl,
)

Data = dict[str, t.Any]


def security_roles(document: Data, platform: Data, statements: Data | None = None) -> list[Data]:
    """Return the tiers' roles as M(knowledgecity.platform.iam_roles) takes them."""
    return roles.roles(document, platform, statements or {})


def security_boundary(document: Data, platform: Data, refused: list[Data], statements: Data | None = None) -> Data:
    """Return the permissions boundary of all tiers' roles."""
    return boundary.boundary(document, refused, platform, statements)


def security_keys(
    definitions: Data, platform: Data, region: str, key_region: str, statements: Data | None = None
) -> list[Data]:
    """Return a region's keys as M(knowledgecity.platform.kms_keys) takes them."""
    return keys.keys(definitions, platform, region, key_region, statements or {})


def security_replica_keys(
    definitions: Data, platform: Data, region: str, key_region: str, statements: Data | None = None
) -> list[Data]:
    """Return a region's replicas of multi-Region keys as M(knowledgecity.platform.kms_replica_key) takes them."""
    return keys.replicas(definitions, platform, region, key_region, statements or {})


def security_web_acl_rules(groups: list[Data], rate_limit: int) -> list[Data]:
    """Return the rules of a web ACL as M(community.aws.wafv2_web_acl) takes them."""
    return web_acl.rules(groups, int(rate_limit))


def security_problems(
    document: Data,
    platform: Data,
    refused: list[Data],
    statements: Data | None = None,
    rule_groups: list[Data] | None = None,
    rate_limit: int = 2000,
) -> list[str]:
    """Return what is wrong with the settings, each with the setting to fix; an empty list where nothing is."""
    return checks.problems(document, refused, platform, statements or {}, rule_groups or [], int(rate_limit))


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable]:
        return {
            "security_boundary": security_boundary,
            "security_keys": security_keys,
            "security_problems": security_problems,
            "security_replica_keys": security_replica_keys,
            "security_roles": security_roles,
            "security_web_acl_rules": security_web_acl_rules,
        }
