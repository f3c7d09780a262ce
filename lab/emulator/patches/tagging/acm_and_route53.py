# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""GetResources also finds certificates, and in us-east-1 hosted zones and health checks.

On AWS the Resource Groups Tagging API lists Route 53's resources in us-east-1 only. The emulator's leaves both services out.
https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html
"""

from __future__ import annotations

import ministack.services.acm as acm
import ministack.services.route53 as route53
import ministack.services.tagging as tagging
from ministack.core.responses import get_region

from lab.settings import GLOBAL_REGION


def _collect_acm():
    for arn, certificate in acm._certificates.items():
        if certificate["Tags"]:
            yield arn, list(certificate["Tags"])


def _collect_route53():
    if get_region() != GLOBAL_REGION:
        return
    for kind, store in (("hostedzone", route53._zones), ("healthcheck", route53._health_checks)):
        for resource_id in list(store):
            tags = route53._tags.get((kind, resource_id))
            if tags:
                yield (
                    f"arn:aws:route53:::{kind}/{resource_id}",
                    [{"Key": key, "Value": value} for key, value in tags.items()],
                )


def apply() -> None:
    tagging._COLLECTORS |= {"acm": _collect_acm, "route53": _collect_route53}
