# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from botocore.exceptions import ClientError


def aws_behaviour(clients) -> bool:
    """A new zone is not signed, and a zone that is not there has no signature to ask for."""
    route53 = clients("route53", "us-east-1")
    zone_id = route53.create_hosted_zone(Name="dnssec.example", CallerReference="dnssec")["HostedZone"]["Id"]
    try:
        signed = route53.get_dnssec(HostedZoneId=zone_id)
        route53.get_dnssec(HostedZoneId="Z0000000000000")
    except ClientError as error:
        refused = error.response["Error"]["Code"]
    return refused == "NoSuchHostedZone" and signed["Status"] == {"ServeSignature": "NOT_SIGNING"}


def test_route53_dnssec(patched_only):
    patched_only("route53.dnssec", aws_behaviour)
