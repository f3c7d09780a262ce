# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Build the permissions boundary of all roles of the platform: what no policy of a role gives, whoever writes it."""

from __future__ import annotations

import fnmatch
import typing as t

from ansible_collections.knowledgecity.platform.plugins.plugin_utils.security.roles import role_name, tier_statements
from ansible_collections.knowledgecity.platform.plugins.plugin_utils.security.statements import Data, as_policy, fill

_GLOBAL_REGION = "us-east-1"
# Services that keep what people and programs entrust to them: of these a role has the platform's own, by their names, and what the
# statements of the tiers name beside.
_OWN = {
    "dynamodb": ["arn:aws:dynamodb:*:{account}:table/{prefix}-*"],
    "s3": ["arn:aws:s3:::{prefix}-*"],
    "secretsmanager": ["arn:aws:secretsmanager:*:{account}:secret:{prefix}/*"],
    "sqs": ["arn:aws:sqs:*:{account}:{prefix}-*"],
    "ssm": ["arn:aws:ssm:*:{account}:parameter/{prefix}-*", "arn:aws:ssm:*:{account}:parameter/{prefix}/*"],
}

_Right = tuple[str, str]


def boundary(
    document: Data, refused: t.Sequence[Data], platform: Data, more: t.Mapping[str, t.Sequence[Data]] | None = None
) -> Data:
    """Return the boundary: the services that the tiers use, in the platform's regions, less what is refused.

    `more` are statements, as IAM writes them, that other tiers add, by tier.
    """
    own = fill(_OWN, {"account": platform["account_id"], "prefix": platform["prefix"]})
    rights = {*_rights_of_tiers(document, platform), *_rights_of_statements(more or {})}
    services = {action.partition(":")[0] for action, _resource in rights}
    beside = [
        (action, resource)
        for action, resource in rights
        if (service := action.partition(":")[0]) in own
        and not any(fnmatch.fnmatchcase(resource, pattern) for pattern in own[service])
    ]
    bounded = services & own.keys()
    allowed = [
        _allowed("Services of the tiers", (f"{name}:*" for name in services - bounded), ["*"], platform),
        _allowed("Own", (f"{name}:*" for name in bounded), (arn for name in bounded for arn in own[name]), platform),
        _allowed("Beside", (pair[0] for pair in beside), (pair[1] for pair in beside), platform),
    ]
    return as_policy(
        [
            *(statement for statement in allowed if statement["actions"]),
            *(_refusal(group, platform) for group in refused),
        ]
    )


def _rights_of_tiers(document: Data, platform: Data) -> t.Iterator[_Right]:
    """Yield the actions of the tiers' statements with their resources, in any region."""
    anywhere = platform | {"regions": ["*"]}
    for tier in document["tiers"]:
        for statement in tier_statements(document, anywhere, "*", tier):
            yield from _rights(statement["actions"], statement["resources"])


def _rights_of_statements(more: t.Mapping[str, t.Sequence[Data]]) -> t.Iterator[_Right]:
    for statement in (each for statements in more.values() for each in statements):
        if statement.get("Effect", "Allow") == "Allow":
            yield from _rights(_listed(statement.get("Action")), _listed(statement.get("Resource")))


def _rights(actions: t.Iterable[str], resources: t.Iterable[str]) -> t.Iterator[_Right]:
    targets = list(resources)
    for action in actions:
        yield from ((action, resource) for resource in targets)


def _listed(value: t.Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])


def _allowed(sid: str, actions: t.Iterable[str], resources: t.Iterable[str], platform: Data) -> Data:
    regions = list(dict.fromkeys([*platform["regions"], _GLOBAL_REGION]))
    return {
        "sid": sid,
        "actions": sorted(set(actions)),
        "resources": sorted(set(resources)),
        "conditions": {"StringEquals": {"aws:RequestedRegion": regions}},
    }


def _refusal(group: Data, platform: Data) -> Data:
    """Return a group's Deny statement; excepted roles are named by their ARNs, since all roles share the boundary."""
    statement: Data = {
        "sid": f"Refuse {group['sid']}",
        "effect": "Deny",
        "actions": group["actions"],
        "resources": ["*"],
    }
    excepted = [
        f"arn:aws:iam::{platform['account_id']}:role/{role_name(platform, '*', tier)}"
        for tier in group.get("except", [])
    ]
    return statement | ({"conditions": {"ArnNotLike": {"aws:PrincipalArn": excepted}}} if excepted else {})
