# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The right to put metrics can be bounded by their namespace.

CloudWatch has no resources for metrics: on AWS a policy names their namespace by the condition key cloudwatch:namespace. The
emulator doesn't know the key, so that a policy that uses it allows nothing.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/iam-cw-condition-keys-namespace.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lab.mends._checks import Check, Request, replace


def _checks(request: Request) -> Iterator[Check]:
    named = {"cloudwatch:namespace": request.param("Namespace")} if request.action == "PutMetricData" else {}
    yield Check(request.resource, named)


def mend() -> None:
    replace("monitoring", _checks)
