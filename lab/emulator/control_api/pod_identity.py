# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Issue credentials of a pod's role, as EKS Pod Identity gets them from STS.

https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
"""

from __future__ import annotations

import ministack.services.iam as iam

from lab.emulator.state import role_sessions, service_roles
from lab.emulator.state.region import in_region
from lab.settings import ACCOUNT_ID

_SERVICE = "pods.eks.amazonaws.com"
_LIFETIME = 6 * 3600


def handlers() -> dict:
    """Return the request that stands for a pod's."""
    return {"pod-credentials": _credentials}


def _credentials(question: dict) -> dict:
    """Issue environment variables with a session of `role`, for a pod of `cluster` in `region`, good for `lifetime` seconds."""
    in_region(question["region"])
    role = iam._roles[question["role"]]
    cluster = f"arn:aws:eks:{question['region']}:{ACCOUNT_ID}:cluster/{question['cluster']}"
    keys = {"aws:requesttag/eks-cluster-arn": cluster}
    if not service_roles.assumable(role, _SERVICE, question["region"], keys):
        raise PermissionError(f"the role {question['role']} does not trust pods of {cluster}")
    issued = role_sessions.issue(f"eks-{question['cluster']}", role, question.get("lifetime", _LIFETIME))
    return {
        "AWS_ACCESS_KEY_ID": issued["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": issued["SecretAccessKey"],
        "AWS_SESSION_TOKEN": issued["Token"],
    }
