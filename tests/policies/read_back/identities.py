# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Roles and managed policies as they are."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

from tests.policies.template import Resource


def roles(iam: t.Any, prefix: str) -> Iterator[Resource]:
    """The roles whose names begin so, with what they may do."""
    for page in iam.get_paginator("list_roles").paginate():
        for role in page["Roles"]:
            name = role["RoleName"]
            if not name.startswith(prefix):
                continue
            inline = iam.list_role_policies(RoleName=name)["PolicyNames"]
            attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
            documents = {
                policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"] for policy in inline
            }
            properties = {
                "RoleName": name,
                "AssumeRolePolicyDocument": role["AssumeRolePolicyDocument"],
                "ManagedPolicyArns": [policy["PolicyArn"] for policy in attached],
                "Policies": [{"PolicyName": policy, "PolicyDocument": documents[policy]} for policy in inline],
            }
            yield Resource("AWS::IAM::Role", name, properties)


def managed_policies(iam: t.Any, prefix: str) -> Iterator[Resource]:
    """The account's own policies whose names begin so, in the version that holds."""
    for page in iam.get_paginator("list_policies").paginate(Scope="Local"):
        for policy in page["Policies"]:
            if policy["PolicyName"].startswith(prefix):
                version = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])
                properties = {
                    "ManagedPolicyName": policy["PolicyName"],
                    "PolicyDocument": version["PolicyVersion"]["Document"],
                }
                yield Resource("AWS::IAM::ManagedPolicy", policy["PolicyName"], properties)
