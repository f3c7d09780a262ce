# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A request that names an instance profile, or a policy to be made, is checked on what it names.

AWS checks the right on the ARN that has or will have the name, and listing profiles on the path that is listed. The emulator
checks `*`, so that no policy that names instance profiles or policies allows anything.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lab.emulator.patches._access_checks import Check, Request, replace


def _checks(request: Request) -> Iterator[Check]:
    account = f"arn:aws:iam::{request.account_id}"
    if profile := request.param("InstanceProfileName"):
        yield Check(f"{account}:instance-profile/{profile}")
    elif request.action == "ListInstanceProfiles":
        yield Check(f"{account}:instance-profile{request.param('PathPrefix') or '/'}")
    elif request.action == "CreatePolicy":
        yield Check(f"{account}:policy{request.param('Path') or '/'}{request.param('PolicyName')}")
    else:
        yield Check(request.resource)


def apply() -> None:
    replace("iam", _checks)
