# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""SetDefaultPolicyVersion makes another version of a managed policy the one in force.

amazon.aws.iam_managed_policy asks for it where an older version is what is wanted. The emulator doesn't know the action.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetDefaultPolicyVersion.html
"""

from __future__ import annotations

import ministack.services.iam as iam


def _set_default(p):
    arn, wanted = iam._p(p, "PolicyArn"), iam._p(p, "VersionId")
    policy = iam._policies.get(arn)
    if not policy or wanted not in policy["Versions"]:
        what = f"Policy {arn} version {wanted}" if policy else f"Policy {arn}"
        return iam._error(404, "NoSuchEntity", f"{what} does not exist or is not attachable.", ns="iam")
    for version in policy["Versions"].values():
        version["IsDefaultVersion"] = version["VersionId"] == wanted
    policy |= {"DefaultVersionId": wanted, "UpdateDate": iam._now()}
    return iam._xml(200, "SetDefaultPolicyVersionResponse", "", ns="iam")


def apply() -> None:
    iam._IAM_HANDLERS["SetDefaultPolicyVersion"] = _set_default
