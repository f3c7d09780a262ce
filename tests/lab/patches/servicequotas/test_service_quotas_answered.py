# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from botocore.exceptions import ClientError

from tests.support.rights import allowed, user_with

VPCS = {"ServiceCode": "vpc", "QuotaCode": "L-F678F1CE"}


def aws_behaviour(clients) -> bool:
    """A quota has a value, an unknown one is refused, and asking takes a right."""
    quotas = clients("service-quotas")
    try:
        value = quotas.get_service_quota(**VPCS)["Quota"]["Value"]
    except ClientError:
        return False
    try:
        quotas.get_service_quota(ServiceCode="vpc", QuotaCode="L-00000000")
    except quotas.exceptions.NoSuchResourceException:
        _, key = user_with(clients, [{"Action": "ec2:DescribeVpcs", "Resource": "*"}])
        return value >= 1 and not allowed(clients("service-quotas", key=key).get_service_quota, **VPCS)
    return False


def test_service_quotas_answered(patched_only):
    patched_only("servicequotas.service_quotas_answered", aws_behaviour)
