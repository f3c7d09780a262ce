# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The right to read several SSM parameters at once is checked on each of them.

On AWS GetParameters is allowed by a policy that names the parameters; AWS's own, below /aws/service, have no account in their ARN.
The emulator doesn't find the parameters in Names.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from lab.emulator.patches._access_checks import Check, Request, replace


def _arn(request: Request, name: str) -> str:
    path = name.strip("/")
    account = "" if path.startswith("aws/service/") else request.account_id
    return f"arn:aws:ssm:{request.region}:{account}:parameter/{path}"


def _checks(request: Request) -> Iterator[Check]:
    if request.action != "GetParameters":
        yield Check(request.resource)
        return
    for name in json.loads(request.body or b"{}").get("Names", []):
        yield Check(_arn(request, name))


def apply() -> None:
    replace("ssm", _checks)
