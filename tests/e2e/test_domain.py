# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A domain that is bought elsewhere: the first build makes its zone and says what to enter there.

It builds the regions up to what shows a certificate to users; no later run begins before the domain is delegated.
"""

from __future__ import annotations

import json

import pytest

from tests.support import playbooks
from tests.support.built_site import wait

pytestmark = pytest.mark.nightly

# The lab's registry knows names below .example only, and asks a parent zone where one is hosted.
UNDELEGATED = "learn.undelegated.test"
PARENT, CHILD = "bought-elsewhere.example", "learn.bought-elsewhere.example"

PREFLIGHT, ACCOUNT = "playbooks/phases/preflight.yml", "playbooks/phases/account.yml"


@pytest.fixture(scope="module")
def route53(own_lab):
    return own_lab("route53", "us-east-1")


# What site.yml does in the regional phase before the tiers whose listeners show a certificate.
WAITS = """
- hosts: regions
  gather_facts: false
  any_errors_fatal: false
  environment: "{{ aws_region | knowledgecity.platform.aws_environment(platform_endpoints) }}"
  module_defaults: {group/knowledgecity.platform.aws: {region_endpoints: "{{ platform_endpoints }}"}}
  tasks:
    - ansible.builtin.include_role: {name: knowledgecity.platform.dns}
    - ansible.builtin.debug: {msg: "{{ aws_region }} shows {{ dns_certificate_arns[platform_domain][aws_region] }}"}
"""


def _run(lab, domain: str, playbook: str = "site.yml", **more) -> playbooks.Ran:
    """As the administrator: the operator of the lab has no rights in another environment."""
    settings = {"platform_domain": domain, "platform_environment": "domain", **more}
    return playbooks.run(lab, "-e", json.dumps(settings), playbook=playbook, administrator=True)


def _words(output: str) -> str:
    return " ".join(output.split())


def _zones(route53) -> dict[str, str]:
    return {zone["Name"]: zone["Id"].rpartition("/")[2] for zone in route53.list_hosted_zones()["HostedZones"]}


def _servers(route53, domain: str) -> list[str]:
    return route53.get_hosted_zone(Id=_zones(route53)[f"{domain}."])["DelegationSet"]["NameServers"]


@pytest.fixture
def waits(tmp_path) -> str:
    """A playbook of the regional phase's wait."""
    (tmp_path / "waits.yml").write_text(WAITS)
    return str(tmp_path / "waits.yml")


def _statuses(lab, domain: str, region: str) -> list[str]:
    listed = lab("acm", region).list_certificates()["CertificateSummaryList"]
    return [item["Status"] for item in listed if item["DomainName"] == domain]


def test_the_first_build_makes_the_zone_and_says_what_to_enter_at_the_registrar(own_lab, route53):
    ran = _run(own_lab, UNDELEGATED, ACCOUNT).succeeded()
    text = _words(ran.output)
    for server in _servers(route53, UNDELEGATED):
        assert server in text
    assert _statuses(own_lab, UNDELEGATED, "us-east-1") == ["PENDING_VALIDATION"]


def test_the_first_build_stops_before_what_shows_a_certificate(own_lab, route53, waits):
    ran = _run(own_lab, UNDELEGATED, waits)
    assert ran.returncode != 0
    assert not any(ran.changed.values())
    text = _words(ran.output)
    assert "The zone is there, and the certificates are requested, but they can't be issued yet" in text
    for server in _servers(route53, UNDELEGATED):
        assert server in text


def test_the_next_run_stops_before_its_first_change(own_lab, route53):
    zones = _zones(route53)
    ran = _run(own_lab, UNDELEGATED)
    assert ran.returncode != 0
    assert not any(ran.changed.values())
    text = _words(ran.output)
    assert f"Nothing was changed. {UNDELEGATED} is not delegated" in text
    for server in _servers(route53, UNDELEGATED):
        assert server in text
    assert _zones(route53) == zones
    assert not own_lab("ec2").describe_vpcs(Filters=[{"Name": "tag:environment", "Values": ["domain"]}])["Vpcs"]


def _delegate(route53, action: str, servers: list[str]) -> None:
    record = {"Name": CHILD, "Type": "NS", "TTL": 60, "ResourceRecords": [{"Value": server} for server in servers]}
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
    route53.change_resource_record_sets(HostedZoneId=_zones(route53)[f"{PARENT}."], ChangeBatch=batch)


def test_a_domain_that_was_delegated_meanwhile_goes_on_from_there(own_lab, route53, waits):
    route53.create_hosted_zone(Name=PARENT, CallerReference=PARENT)
    _run(own_lab, CHILD, ACCOUNT).succeeded()
    _delegate(route53, "CREATE", ["ns1.parking.example.", "ns2.parking.example."])
    parked = _run(own_lab, CHILD, PREFLIGHT)
    assert "is delegated to other name servers than its hosted zone's: ns1.parking.example" in _words(parked.output)
    _delegate(route53, "UPSERT", _servers(route53, CHILD))
    _run(own_lab, CHILD, ACCOUNT).succeeded()
    again = _run(own_lab, CHILD, ACCOUNT).succeeded()
    assert again.changed == {"global": 0}
    waited = _run(own_lab, CHILD, waits).succeeded()
    assert not any(waited.changed.values())
    for region in ("me-west-1", "eu-central-1"):
        assert _statuses(own_lab, CHILD, region) == ["ISSUED"]
        assert f"{region} shows arn:aws:acm:{region}:" in _words(waited.output)
    assert wait(lambda: _statuses(own_lab, CHILD, "us-east-1") == ["ISSUED"])


def test_a_certificate_for_a_name_outside_the_zone_is_refused_before_the_first_change(own_lab):
    certificates = [{"domain_name": "www.somebody-elses.example", "regions": ["us-east-1"]}]
    ran = _run(own_lab, CHILD, PREFLIGHT, dns_certificates=certificates)
    assert ran.returncode != 0
    assert not any(ran.changed.values())
    assert f"dns_certificates[0] names www.somebody-elses.example, outside the zone {CHILD}" in _words(ran.output)
