# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A request that names an instance profile is checked on that instance profile.

AWS checks the right on the instance profile's ARN. The emulator knows no such resource and checks `*`, so that no policy that names
instance profiles allows anything.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lab.mends._checks import Check, Request, replace


def _checks(request: Request) -> Iterator[Check]:
    name = request.param("InstanceProfileName")
    yield Check(f"arn:aws:iam::{request.account_id}:instance-profile/{name}" if name else request.resource)


def mend() -> None:
    replace("iam", _checks)
