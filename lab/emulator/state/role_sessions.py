# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Issue temporary credentials of a role, as EC2 gets them from STS for the metadata service."""

from __future__ import annotations

import time

import ministack.services.iam as iam
import ministack.services.sts as sts
from ministack.core.responses import get_account_id, get_region

from lab.emulator.state import service_roles

_LIFETIME = 6 * 3600
# AWS has new ones ready at least five minutes before the old ones expire.
_RENEWED_BEFORE = 15 * 60
_SERVICE = "ec2.amazonaws.com"

_issued: dict[tuple[str, str], dict] = {}


def current(instance_id: str, role_name: str) -> dict:
    """Return the credentials document of the role, or AWS's refusal where the role does not trust EC2."""
    role = iam._roles.get(role_name)
    if not role or not service_roles.assumable(role, _SERVICE, get_region()):
        message = (
            f"EC2 cannot assume the role {role_name}. Please see documentation at https://docs.aws.amazon.com/IAM/."
        )
        return {"Code": "AssumeRoleUnauthorizedAccess", "Message": message, "LastUpdated": _stamp(time.time())}
    key = (instance_id, role["Arn"])
    known = _issued.get(key)
    if not known or known["AccessKeyId"] not in sts._sessions or known["expires"] - time.time() < _RENEWED_BEFORE:
        _issued[key] = known = issue(instance_id, role)
    return {name: value for name, value in known.items() if name != "expires"}


def issue(session_name: str, role: dict, lifetime: int = _LIFETIME) -> dict:
    """Issue a session of the role: the credentials document, with the Unix time at which it `expires`."""
    now = time.time()
    session = {
        "Arn": f"arn:aws:sts::{get_account_id()}:assumed-role/{role['RoleName']}/{session_name}",
        "UserId": f"{role['RoleId']}:{session_name}",
        "SecretAccessKey": iam._gen_secret(),
        "SessionToken": iam._gen_session_token(),
        "Expiration": now + lifetime,
        "AccountId": get_account_id(),
        "PrincipalType": "AssumedRole",
    }
    access_key = iam._gen_session_access_key()
    sts.register_session(access_key, session)
    return {
        "Code": "Success",
        "LastUpdated": _stamp(now),
        "Type": "AWS-HMAC",
        "AccessKeyId": access_key,
        "SecretAccessKey": session["SecretAccessKey"],
        "Token": session["SessionToken"],
        "Expiration": _stamp(now + lifetime),
        "expires": now + lifetime,
    }


def _stamp(moment: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))
