# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Every hosted zone has four name servers of its own.

On AWS two zones of the same name have different ones: the registrar's NS records say which of them the world sees. The emulator
gives all zones the same four, so that a wrong delegation looks right.
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/SOA-NSrecords.html
"""

from __future__ import annotations

import hashlib
from xml.etree.ElementTree import SubElement

import ministack.services.route53 as route53

_TOPS = ("com", "net", "org", "co.uk")


def _name_servers(zone_id: str) -> list[str]:
    numbers = hashlib.sha256(zone_id.encode()).digest()
    return [
        f"ns-{512 * place + 2 * numbers[place]}.awsdns-{numbers[4 + place] % 64:02}.{top}."
        for place, top in enumerate(_TOPS)
    ]


def apply() -> None:
    create = route53._create_hosted_zone

    def create_hosted_zone(body, query_params):
        known = set(route53._zones)
        answer = create(body, query_params)
        for zone_id in set(route53._zones) - known:
            servers = _name_servers(zone_id)
            for record in route53._records[zone_id]:
                values = record["ResourceRecords"]
                soa = values[0].replace(route53._DEFAULT_NS[0], servers[0])
                record["ResourceRecords"] = servers if record["Type"] == "NS" else [soa]
        return answer

    def build_delegation_set(parent, _zone_name):
        zone_id = parent.find("HostedZone/Id").text.rpartition("/")[2]
        servers = SubElement(SubElement(parent, "DelegationSet"), "NameServers")
        for name in _name_servers(zone_id):
            SubElement(servers, "NameServer").text = name.rstrip(".")

    route53._create_hosted_zone, route53._build_delegation_set_el = create_hosted_zone, build_delegation_set
