# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

TAG = {"Key": "platform", "Value": "tagged-names"}


def _found(clients, region: str) -> set[str]:
    api = clients("resourcegroupstaggingapi", region)
    filters = [{"Key": TAG["Key"], "Values": [TAG["Value"]]}]
    return {item["ResourceARN"] for item in api.get_resources(TagFilters=filters)["ResourceTagMappingList"]}


def aws_behaviour(clients) -> bool:
    """A certificate is listed in its region, zone and health check in us-east-1, and none of them once it is deleted."""
    acm, route53 = clients("acm"), clients("route53", "us-east-1")
    arn = acm.request_certificate(DomainName="tagged.example", ValidationMethod="DNS", Tags=[TAG])["CertificateArn"]
    zone = route53.create_hosted_zone(Name="tagged.example", CallerReference="tagged")["HostedZone"]["Id"].rpartition(
        "/"
    )[2]
    config = {"Type": "TCP", "IPAddress": "192.0.2.1", "Port": 1}
    check = route53.create_health_check(CallerReference="tagged", HealthCheckConfig=config)["HealthCheck"]["Id"]
    for kind, name in (("hostedzone", zone), ("healthcheck", check)):
        route53.change_tags_for_resource(ResourceType=kind, ResourceId=name, AddTags=[TAG])
    listed = _found(clients, "us-east-1")
    here = _found(clients, "me-west-1")
    route53.delete_hosted_zone(Id=zone)
    route53.delete_health_check(HealthCheckId=check)
    expected = {f"arn:aws:route53:::hostedzone/{zone}", f"arn:aws:route53:::healthcheck/{check}"}
    return listed == expected and here == {arn} and not _found(clients, "us-east-1")


def test_tagging_acm_and_route53(patched_only):
    patched_only("tagging.acm_and_route53", aws_behaviour)
