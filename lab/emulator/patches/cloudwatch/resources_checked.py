# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Rights on alarms are checked on each alarm that a request names, and the right to put metrics by their namespace.

On AWS DescribeAlarms and DeleteAlarms are allowed by a policy that names the alarms. CloudWatch has no resources for metrics: a
policy names their namespace by the condition key cloudwatch:namespace. The emulator doesn't find the alarms in AlarmNames, and
doesn't know the key, so that policies that use either allow nothing.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from lab.emulator.patches._access_checks import Check, Request, replace


def _checks(request: Request) -> Iterator[Check]:
    if request.action == "PutMetricData":
        yield Check(request.resource, {"cloudwatch:namespace": request.param("Namespace")})
    elif request.action in ("DescribeAlarms", "DeleteAlarms"):
        for name in _named(request) or ["*"]:
            yield Check(request.arn("cloudwatch", f"alarm:{name}"))
    else:
        yield Check(request.resource)


def _named(request: Request) -> list[str]:
    """Return the alarms of a request, in the JSON protocol or in the older one of forms."""
    if request.body[:1] == b"{":
        return json.loads(request.body).get("AlarmNames", [])
    return [value for key, value in sorted(request.params.items()) if key.startswith("AlarmNames.member.")]


def apply() -> None:
    replace("monitoring", _checks)
