# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""GetDNSSEC says whether a hosted zone is signed.

AWS answers NOT_SIGNING for a zone that nobody signed. The emulator doesn't know the call, without which amazon.aws.route53_zone
does not work.
https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetDNSSEC.html
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import SubElement

import ministack.services.route53 as route53

_PATH = re.compile(rf"/{route53.API_VERSION}/hostedzone/([^/]+)/dnssec")


def _get_dnssec(zone_id: str) -> tuple:
    if zone_id not in route53._zones:
        return route53._error_response("NoSuchHostedZone", f"No hosted zone found with ID: {zone_id}", 404)

    def build(root):
        SubElement(SubElement(root, "Status"), "ServeSignature").text = "NOT_SIGNING"
        SubElement(root, "KeySigningKeys")

    return route53._xml_response("GetDNSSECResponse", build)


def mend() -> None:
    handle = route53.handle_request

    async def handle_request(method, path, headers, body, query_params):
        found = _PATH.fullmatch(path)
        if method == "GET" and found:
            return _get_dnssec(found[1])
        return await handle(method, path, headers, body, query_params)

    route53.handle_request = handle_request
