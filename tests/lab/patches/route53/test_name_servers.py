# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations


def aws_behaviour(clients) -> bool:
    """Two zones of one name have different name servers, each the same in its delegation set and its NS record."""
    route53 = clients("route53", "us-east-1")
    sets = []
    for reference in ("first", "second"):
        made = route53.create_hosted_zone(Name="servers.example", CallerReference=reference)
        zone_id = made["HostedZone"]["Id"]
        servers = made["DelegationSet"]["NameServers"]
        read = route53.get_hosted_zone(Id=zone_id)["DelegationSet"]["NameServers"]
        records = route53.list_resource_record_sets(HostedZoneId=zone_id)["ResourceRecordSets"]
        values = {item["Type"]: [record["Value"] for record in item["ResourceRecords"]] for item in records}
        if read != servers or [value.rstrip(".") for value in values["NS"]] != servers:
            return False
        if not values["SOA"][0].startswith(f"{servers[0]}. "):
            return False
        sets.append(set(servers))
    return len(sets[0]) == 4 and not sets[0] & sets[1]


def test_route53_name_servers(patched_only):
    patched_only("route53.name_servers", aws_behaviour)
