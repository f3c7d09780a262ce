# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Role preflight looks at the names and services that the tiers' own data lead to."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest
import yaml
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.capabilities import CAPABILITIES

from lab.settings import CHECKOUT

ROLES = CHECKOUT / "roles"
NAMES = ("capabilities", "endpoint_services", "bucket_names", "key_aliases", "role_names", "vpcs", "elastic_ips")


def role_file(role: str, file: str) -> dict[str, Any]:
    return yaml.safe_load((ROLES / role / file).read_text())


@pytest.fixture(scope="module")
def defaults(tmp_path_factory) -> dict[str, dict[str, Any]]:
    """The role's settings as they are templated for a region and for the account, by host."""
    folder = tmp_path_factory.mktemp("preflight")
    common = {
        "ansible_connection": "local",
        "platform_name": "kc",
        "platform_environment": "test",
        "platform_regions": {"me-west-1": {}},
        "role_path": str(ROLES / "preflight"),
    }
    inventory = {
        "regions": {"hosts": {"me-west-1": {"aws_region": "me-west-1"}}},
        "account": {"hosts": {"global": {"aws_region": "us-east-1"}}},
        "all": {"vars": common},
    }
    seen = ", ".join(f"'{name}': preflight_{name}" for name in NAMES)
    play = {
        "hosts": "all",
        "gather_facts": False,
        "vars_files": [str(ROLES / "preflight" / file) for file in ("defaults/main.yml", "vars/main.yml")],
        "tasks": [
            {
                "ansible.builtin.copy": {
                    "content": f"{{{{ {{{seen}}} | to_json }}}}",
                    "dest": f"{folder}/{{{{ inventory_hostname }}}}.json",
                    "mode": "0600",
                }
            }
        ],
    }
    (folder / "hosts.yml").write_text(yaml.safe_dump(inventory))
    (folder / "play.yml").write_text(yaml.safe_dump([play]))
    command = ["ansible-playbook", "-i", str(folder / "hosts.yml"), str(folder / "play.yml")]
    ran = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return {host: json.loads((folder / f"{host}.json").read_text()) for host in ("me-west-1", "global")}


def test_a_region_must_offer_what_the_tiers_register(defaults):
    region, account = (set(defaults[host]["capabilities"]) for host in ("me-west-1", "global"))
    assert region == {
        *(
            "acm",
            "availability_zones",
            "dynamodb",
            "ec2",
            "images",
            "kms",
            "logs",
            "rds",
            "s3",
            "secretsmanager",
            "tagging",
        ),
        "vpc_endpoints",
    }
    assert account == {"acm", "iam", "route53", "tagging"}
    assert region | account <= set(CAPABILITIES)


def test_endpoint_services_are_the_networks(defaults):
    expected = role_file("network", "defaults/main.yml")["network_interface_endpoints"]
    assert defaults["me-west-1"]["endpoint_services"] == expected


def test_names_are_those_that_storage_and_security_make(defaults):
    buckets = role_file("storage", "defaults/main.yml")["storage_buckets"]
    assert defaults["me-west-1"]["bucket_names"] == [f"kc-test-me-west-1-storage-{name}" for name in buckets]
    keys = [*role_file("security", "files/keys.yml")["keys"], "storage"]
    assert defaults["me-west-1"]["key_aliases"] == [f"alias/kc-test-me-west-1-{name}" for name in keys]
    tiers = role_file("security", "files/tiers.yml")["tiers"]
    assert defaults["global"]["role_names"] == [f"kc-test-me-west-1-{name}" for name in tiers]


def test_each_host_looks_at_its_own(defaults):
    assert defaults["global"]["bucket_names"] == []
    assert defaults["global"]["key_aliases"] == []
    assert defaults["me-west-1"]["role_names"] == []
    assert (defaults["me-west-1"]["vpcs"], defaults["me-west-1"]["elastic_ips"]) == (1, 3)
    assert (defaults["global"]["vpcs"], defaults["global"]["elastic_ips"]) == (0, 0)
