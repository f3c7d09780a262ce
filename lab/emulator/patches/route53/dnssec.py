# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""GetDNSSEC says whether a hosted zone is signed.

AWS answers NOT_SIGNING for a zone that nobody signed. The emulator doesn't know the call, without which amazon.aws.route53_zone
does not work.
https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetDNSSEC.html
"""

from __future__ import annotations

from xml.etree.ElementTree import SubElement

import ministack.services.route53 as route53

from lab.emulator.patches.route53._paths import answer_get


def _get_dnssec(zone_id: str) -> tuple:
    if zone_id not in route53._zones:
        return route53._error_response("NoSuchHostedZone", f"No hosted zone found with ID: {zone_id}", 404)

    def build(root):
        SubElement(SubElement(root, "Status"), "ServeSignature").text = "NOT_SIGNING"
        SubElement(root, "KeySigningKeys")

    return route53._xml_response("GetDNSSECResponse", build)


def apply() -> None:
    answer_get(r"/hostedzone/([^/]+)/dnssec", _get_dnssec)
