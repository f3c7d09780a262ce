# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import pytest
from ansible_collections.knowledgecity.platform.plugins.filter.dns_settings import dns_problems, dns_records

PLATFORM = {
    "domain": "learn.example.com",
    "zone": "example.com",
    "regions": ["me-west-1", "eu-central-1"],
    "certificates": [
        {
            "domain_name": "learn.example.com",
            "subject_alternative_names": ["*.learn.example.com"],
            "regions": ["us-east-1"],
        }
    ],
    "ttl": 30,
    "interval": 10,
    "threshold": 3,
}
SERVICE = {"name": "api", "targets": {"me-west-1": "lb-1.example", "eu-central-1": "lb-2.example"}}


def test_a_service_takes_the_defaults_it_does_not_change():
    (record,) = dns_records([SERVICE | {"path": "/health", "ttl": 10}], PLATFORM)
    assert record["name"] == "api.learn.example.com"
    assert record["ttl"] == 10
    assert record["health_check"] == {"type": "HTTPS", "port": 443, "path": "/health", "interval": 10, "threshold": 3}
    assert record["targets"][0] == {"region": "me-west-1", "host": "lb-1.example"}
    assert dns_problems([SERVICE], PLATFORM) == []


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"name": ""}, ".name is ''"),
        ({"name": "API!"}, ".name is 'API!'"),
        ({"targets": {}}, ".targets is missing"),
        ({"targets": {"us-west-2": "x"}}, "us-west-2, which platform_regions does not have"),
        ({"type": "UDP"}, ".type is 'UDP'"),
        ({"type": "TCP"}, ".port is missing"),
        ({"ttl": 300}, "(dns_failover_ttl) is 300; it can be 1 to 60"),
        ({"interval": 20}, "is 20; Route 53 takes 10 or 30"),
        ({"threshold": 0}, "is 0; it can be 1 to 10"),
        ({"pfad": "/"}, ".pfad is not a setting"),
    ],
)
def test_what_is_wrong_with_a_service_is_said(change, text):
    (problem,) = dns_problems([SERVICE | change], PLATFORM)
    assert text in problem


def test_all_is_said_at_once():
    platform = PLATFORM | {
        "zone": "other.example",
        "certificates": [{"domain_name": "a.test", "regions": ["us-east-1"]}, {}],
    }
    found = dns_problems([SERVICE, SERVICE], platform)
    assert len(found) == 4
    assert "a.test, outside the zone other.example" in " ".join(found)
