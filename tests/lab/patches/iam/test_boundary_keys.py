# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors

from __future__ import annotations

import json
import uuid

from tests.support.rights import ACCOUNT, allowed, user_with

_BOUNDARY, _OTHER = (f"arn:aws:iam::aws:policy/{name}" for name in ("ReadOnlyAccess", "AdministratorAccess"))
_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)
_DOCUMENT = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}]}
)


def aws_behaviour(clients) -> bool:
    """Who may make and change roles below a boundary makes and changes no others, and attaches what they may attach."""
    unique = uuid.uuid4().hex[:8]
    admin = clients("iam", "us-east-1")
    admin.create_role(RoleName=f"free-{unique}", AssumeRolePolicyDocument=_TRUST)
    bounded = {"StringEquals": {"iam:PermissionsBoundary": _BOUNDARY}}
    roles = f"arn:aws:iam::{ACCOUNT}:role/*"
    statements = [
        {"Action": ["iam:CreateRole", "iam:PutRolePolicy"], "Resource": roles, "Condition": bounded},
        {"Action": "iam:PutRolePermissionsBoundary", "Resource": roles, "Condition": bounded},
        {
            "Action": "iam:AttachRolePolicy",
            "Resource": roles,
            "Condition": bounded | {"ArnEquals": {"iam:PolicyARN": _BOUNDARY}},
        },
    ]
    user = clients("iam", "us-east-1", key=user_with(clients, statements)[1])
    own, free = f"own-{unique}", f"free-{unique}"
    new = {"AssumeRolePolicyDocument": _TRUST}
    policy = {"PolicyName": "p", "PolicyDocument": _DOCUMENT}
    return (
        allowed(user.create_role, RoleName=own, PermissionsBoundary=_BOUNDARY, **new),
        allowed(user.create_role, RoleName=f"{own}-2", PermissionsBoundary=_OTHER, **new),
        allowed(user.create_role, RoleName=f"{own}-3", **new),
        allowed(user.put_role_policy, RoleName=own, **policy),
        allowed(user.put_role_policy, RoleName=free, **policy),
        allowed(user.attach_role_policy, RoleName=own, PolicyArn=_BOUNDARY),
        allowed(user.attach_role_policy, RoleName=own, PolicyArn=_OTHER),
        allowed(user.put_role_permissions_boundary, RoleName=own, PermissionsBoundary=_OTHER),
        allowed(user.put_role_permissions_boundary, RoleName=free, PermissionsBoundary=_BOUNDARY),
    ) == (True, False, False, True, False, True, False, False, True)


def test_iam_boundary_keys(patched_only):
    patched_only("iam.boundary_keys", aws_behaviour)
