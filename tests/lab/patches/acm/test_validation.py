# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import time
import uuid

REGIONS = ("me-west-1", "us-east-1")


def _until(read, wanted, seconds: float = 10.0):
    deadline = time.monotonic() + seconds
    while (value := read()) != wanted and time.monotonic() < deadline:
        time.sleep(0.1)
    return value


class Certificate:
    """A certificate of a domain with its wildcard, in one region."""

    def __init__(self, clients, region: str, domain: str):
        self._acm = clients("acm", region)
        names = {"DomainName": f"*.{domain}", "SubjectAlternativeNames": [domain]}
        self.arn = self._acm.request_certificate(ValidationMethod="DNS", **names)["CertificateArn"]

    def read(self) -> dict:
        return self._acm.describe_certificate(CertificateArn=self.arn)["Certificate"]

    @property
    def status(self) -> str:
        return self.read()["Status"]

    def records(self) -> list[dict]:
        return [option.get("ResourceRecord") for option in self.read()["DomainValidationOptions"]]


def _change(route53, zone_id: str, action: str, record: dict, value: str) -> None:
    record_set = {"Name": record["Name"], "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": value}]}
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": record_set}]}
    route53.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch=batch)


def _begins_without_records(clients, parent: str) -> bool:
    """Ask for certificates until one is described before its records are known: on a busy machine that moment may be missed."""
    certificates = (Certificate(clients, "me-west-1", f"{number}.{parent}") for number in range(10))
    return any(certificate.records()[0] is None for certificate in certificates)


def aws_behaviour(clients) -> bool:
    """A wrong record, one that goes again, and a zone that isn't delegated leave it pending; the right one issues it everywhere."""
    parent = f"{uuid.uuid4().hex[:8]}.example"
    domain = f"certificates.{parent}"
    route53 = clients("route53", "us-east-1")
    zone = route53.create_hosted_zone(Name=domain, CallerReference=domain)["HostedZone"]["Id"]
    first, second = (Certificate(clients, region, domain) for region in REGIONS)
    if (
        not _begins_without_records(clients, parent)
        or first.status != "PENDING_VALIDATION"
        or "IssuedAt" in first.read()
    ):
        return False
    _until(lambda: second.records()[0] is not None, True)
    record = first.records()[0]
    same = first.records() == [record, record] == second.records()

    _change(route53, zone, "UPSERT", record, "_wrong.acm-validations.aws.")
    wrong = _until(lambda: first.status, "ISSUED", 3)
    _change(route53, zone, "UPSERT", record, record["Value"])
    started = first.status
    _change(route53, zone, "DELETE", record, record["Value"])
    gone = _until(lambda: first.status, "ISSUED", 3)

    _change(route53, zone, "UPSERT", record, record["Value"])
    issued = [_until(lambda certificate=certificate: certificate.status, "ISSUED") for certificate in (first, second)]

    # A parent zone that names no servers for it: nobody finds the domain any more.
    route53.create_hosted_zone(Name=parent, CallerReference=parent)
    hidden = Certificate(clients, "eu-central-1", domain)
    _until(lambda: hidden.records()[0] is not None, True)
    undelegated = _until(lambda: hidden.status, "ISSUED", 3)
    pending = {wrong, started, gone, undelegated} == {"PENDING_VALIDATION"}
    return same and pending and issued == ["ISSUED", "ISSUED"]


def test_acm_validation(patched_only):
    patched_only("acm.validation", aws_behaviour)
