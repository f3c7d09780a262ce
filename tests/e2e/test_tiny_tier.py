# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A tier is added by a role alone: what it registers in its own files reaches preflight, the phases, the edge and destroy.

The role is written into a copy of the checkout, in which no other role is changed; those that it doesn't need are no tiers there.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.support import playbooks
from tests.support.labs import Clients
from tests.support.partial_checkout import partial_checkout, player

pytestmark = pytest.mark.nightly

REGION = "me-west-1"
PREFIX = "tiny-trial"
DOMAIN = "tiny.knowledgecity.example"
NEEDED = ("security", "storage", "dns")
PHASES = ("preflight", "account", "regional", "edge")

ROLE = {
    "meta/main.yml": {
        "galaxy_info": {"author": "tests", "description": "A greeting", "license": "GPL-3.0-or-later"},
        "dependencies": [],
    },
    "meta/tier.yml": {
        "order": 65,
        "capabilities": {"regions": ["s3"]},
        "services": [{"name": "hello", "path": "/up"}],
        "buckets": {"hello": {"replication": {"mode": "none"}}},
        "network": {
            "tiers": {"hello": {"class": "private", "description": "Greetings"}},
            "flows": [{"from": ["alb"], "to": ["hello"], "ports": [8089], "why": "Greetings"}],
        },
        "rights": {
            "hello": {
                "description": "The greeting",
                "trust": "instance",
                "statements": [{"piece": "read_bucket", "bucket": "hello"}],
            }
        },
    },
    "defaults/main.yml": {
        "hello_bucket": "{{ platform_name }}-{{ platform_environment }}-{{ aws_region }}-storage-hello",
    },
    "tasks/main.yml": [
        {
            "name": "Put the greeting",
            "amazon.aws.s3_object": {
                "bucket": "{{ hello_bucket }}",
                "object": "greeting.txt",
                "content": "Hello",
                "mode": "put",
                "overwrite": "different",
                "encrypt": False,
            },
        }
    ],
    "tasks/endpoint.yml": [
        {
            "name": "Say where it is reached",
            "ansible.builtin.set_fact": {"hello_endpoint": "hello-{{ aws_region }}.elb.amazonaws.com"},
        }
    ],
    "tasks/destroy_regional.yml": [
        {
            "name": "Remove the greeting",
            "amazon.aws.s3_object": {"bucket": "{{ hello_bucket }}", "object": "greeting.txt", "mode": "delobj"},
        }
    ],
}

SETTINGS = {
    "platform_name": "tiny",
    "platform_environment": "trial",
    "platform_domain": DOMAIN,
    "platform_regions": {REGION: {"cidr": "10.80.0.0/16"}},
    "platform_initial_primary": REGION,
    # As little as can be besides the tier.
    "security_waf": False,
    "security_account_baseline": False,
    "dns_certificates": [],
    "dns_delegation_check": False,
    "storage_bucket_overrides": {
        name: {"replication": {"mode": "none"}} for name in ("spa", "media", "artefacts", "backups")
    },
    "preflight_rights": "off",
}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """A copy of the checkout with the new role, and an inventory of one region."""
    folder = partial_checkout(tmp_path_factory.mktemp("tiny") / "checkout", NEEDED, SETTINGS)
    for name, content in ROLE.items():
        file = folder / "roles" / "hello" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump(content, sort_keys=False))
    return folder


@pytest.fixture(scope="module")
def play(lab, checkout):
    """Run playbooks of the copy, one after the other in one run."""
    return player(lab, checkout)


@pytest.fixture(scope="module")
def built(play) -> Iterator[playbooks.Ran]:
    """The platform with the tier, which is destroyed at the end."""
    phases = [f"phases/{phase}" for phase in PHASES]
    yield play(*phases).succeeded()
    play("destroy", arguments=("-e", "destroy_environment=trial"))


def _record(lab: Clients) -> dict:
    route53 = lab("route53", "us-east-1")
    zones = route53.list_hosted_zones_by_name(DNSName=DOMAIN)["HostedZones"]
    zone = next(zone for zone in zones if zone["Name"] == f"{DOMAIN}.")
    records = route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
    return next(record for record in records if record["Name"] == f"hello.{DOMAIN}.")


def test_its_name_leads_to_it_and_is_probed(lab, built):
    record = _record(lab)
    assert [each["Value"] for each in record["ResourceRecords"]] == [f"hello-{REGION}.elb.amazonaws.com."]
    check = lab("route53", "us-east-1").get_health_check(HealthCheckId=record["HealthCheckId"])["HealthCheck"]
    assert check["HealthCheckConfig"]["ResourcePath"] == "/up"


def test_its_bucket_and_what_it_builds_are_there(lab, built):
    found = lab("s3", REGION).get_object(Bucket=f"{PREFIX}-{REGION}-storage-hello", Key="greeting.txt")
    assert found["Body"].read() == b"Hello"


def test_its_rights_are_a_role(lab, built):
    names = [role["RoleName"] for role in lab("iam", "us-east-1").list_roles()["Roles"]]
    assert f"{PREFIX}-{REGION}-hello" in names


def test_its_flows_are_in_the_matrix(lab, checkout, tmp_path):
    play = {
        "hosts": "regions",
        "gather_facts": False,
        "vars": {"role_path": str(checkout / "roles" / "network")},
        "vars_files": [str(checkout / "roles" / "network" / "defaults" / "main.yml")],
        "tasks": [{"ansible.builtin.debug": {"msg": "{{ network_flow_matrix.flows | last }}"}}],
    }
    file = tmp_path / "flows.yml"
    file.write_text(yaml.safe_dump([play]))
    ran = playbooks.run(
        lab,
        playbook=str(file),
        inventory=checkout / "inventories" / "lab",
        ANSIBLE_CONFIG=str(checkout / "ansible.cfg"),
    ).succeeded()
    assert "8089" in ran.output


def test_a_second_run_changes_nothing(play, built):
    assert play(*[f"phases/{phase}" for phase in PHASES]).succeeded().changed == {REGION: 0, "global": 0}


def test_destroy_removes_it(lab, play, built):
    play("destroy", arguments=("-e", "destroy_environment=trial")).succeeded()
    buckets = [bucket["Name"] for bucket in lab("s3").list_buckets()["Buckets"]]
    assert not [name for name in buckets if name.startswith(PREFIX)]
