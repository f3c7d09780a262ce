# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Build the tiers' IAM roles, and name the permissions boundary of all of them.

`platform` is a dict: `prefix` (<platform>-<environment>), `account_id`, `regions` and `tags`.
"""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.plugin_utils.security.statements import (
    VERSION,
    Data,
    as_policy,
    expand,
)

# Apart from what those may write who run the playbooks: see docs/operator.md.
BOUNDARY_PATH = "/platform-operators/"


def role_name(platform: Data, region: str, tier: str) -> str:
    """Return the name of a tier's role in a region."""
    return f"{platform['prefix']}-{region}-{tier}"


def boundary_arn(platform: Data) -> str:
    """Return the ARN of the managed policy that is the boundary of all tiers' roles."""
    return f"arn:aws:iam::{platform['account_id']}:policy{BOUNDARY_PATH}{boundary_name(platform)}"


def boundary_name(platform: Data) -> str:
    """Return the name of that policy."""
    return f"{platform['prefix']}-operator-roles-boundary"


def tier_statements(document: Data, platform: Data, region: str, tier: str) -> list[Data]:
    """Return a tier's statements in a region, as data."""
    values = {
        "prefix": platform["prefix"],
        "account": platform["account_id"],
        "region": region,
        "any_region": list(platform["regions"]),
        "tier": tier,
    }
    return expand(document["tiers"][tier]["statements"], document["pieces"], values)


def roles(document: Data, platform: Data, more: t.Mapping[str, t.Sequence[Data]]) -> list[Data]:
    """Return one role a region and tier. `more` are statements, as IAM writes them, that other tiers add, by tier."""
    return [
        _role(document, platform, region, tier, more.get(tier) or [])
        for region in platform["regions"]
        for tier in document["tiers"]
    ]


def _role(document: Data, platform: Data, region: str, tier: str, more: t.Sequence[Data]) -> Data:
    definition = document["tiers"][tier]
    name = role_name(platform, region, tier)
    policy = as_policy(tier_statements(document, platform, region, tier))
    policy["Statement"] += more
    return {
        "name": name,
        "description": f"{definition['description']} of {platform['prefix']} in {region}",
        "assume_role_policy": _trust(definition["trust"], platform, region),
        "permissions_boundary": boundary_arn(platform),
        "policies": {tier: policy},
        "instance_profile": definition["trust"] == "instance",
        "tags": platform["tags"] | {"Name": name, "tier": tier, "region": region},
    }


def _trust(trust: str, platform: Data, region: str) -> Data:
    statement: Data = {"Effect": "Allow"}
    if trust == "instance":
        statement |= {"Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    elif trust == "pod":
        # EKS Pod Identity puts these tags on each session; the pods of other clusters don't get in.
        cluster = f"arn:aws:eks:{region}:{platform['account_id']}:cluster/{platform['prefix']}-{region}-*"
        statement |= {
            "Principal": {"Service": "pods.eks.amazonaws.com"},
            "Action": ["sts:AssumeRole", "sts:TagSession"],
            "Condition": {"ArnLike": {"aws:RequestTag/eks-cluster-arn": cluster}},
        }
    else:
        # Only for this account's resources (the confused deputy).
        statement |= {
            "Principal": {"Service": trust},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": platform["account_id"]}},
        }
    return {"Version": VERSION, "Statement": [statement]}
