# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Build and check the rules of a web ACL."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.plugin_utils.security.statements import Data

_RATE_MIN, _RATE_MAX = 10, 2_000_000_000
_WINDOW = 300
_GROUP_KEYS = {"name", "vendor", "count", "except"}


def rules(groups: t.Sequence[Data], rate_limit: int) -> list[Data]:
    """Return the rules as M(community.aws.wafv2_web_acl) takes them: the rate limit first, then AWS's groups in their order."""
    limited = {
        "name": "rate-limit",
        "priority": 0,
        "action": {"block": {}},
        "statement": {
            "rate_based_statement": {"limit": rate_limit, "evaluation_window_sec": _WINDOW, "aggregate_key_type": "IP"}
        },
        "visibility_config": _visible("rate-limit"),
    }
    return [limited, *(_group(group, priority) for priority, group in enumerate(groups, start=1))]


def _group(group: Data, priority: int) -> Data:
    statement: Data = {"vendor_name": group.get("vendor", "AWS"), "name": group["name"]}
    if group.get("except"):
        statement["rule_action_overrides"] = [
            {"name": name, "action_to_use": {"count": {}}} for name in group["except"]
        ]
    return {
        "name": group["name"],
        "priority": priority,
        "override_action": {"count" if group.get("count") else "none": {}},
        "statement": {"managed_rule_group_statement": statement},
        "visibility_config": _visible(group["name"]),
    }


def _visible(name: str) -> Data:
    return {"sampled_requests_enabled": True, "cloud_watch_metrics_enabled": True, "metric_name": name}


def problems(groups: t.Sequence[Data], rate_limit: int) -> list[str]:
    """Check the settings of the web ACLs."""
    found = []
    if not _RATE_MIN <= rate_limit <= _RATE_MAX:
        found.append(f"security_waf_rate_limit is {rate_limit}; WAF takes {_RATE_MIN} to {_RATE_MAX}.")
    for group in groups:
        unknown = sorted(set(group) - _GROUP_KEYS)
        if unknown:
            found.append(
                f"security_waf_rule_groups: {', '.join(unknown)} is not a setting of a group; there are name, count and except."
            )
        if not group.get("name"):
            found.append("security_waf_rule_groups: a group has no name.")
    names = [group.get("name") for group in groups]
    twice = sorted({str(name) for name in names if name and names.count(name) > 1})
    if twice:
        found.append(f"security_waf_rule_groups names {', '.join(twice)} twice.")
    return found
