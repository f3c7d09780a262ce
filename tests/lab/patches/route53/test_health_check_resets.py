# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations


def aws_behaviour(clients) -> bool:
    """A check that was limited to some regions is made from all again."""
    route53 = clients("route53", "us-east-1")
    config = {
        "Type": "HTTPS",
        "FullyQualifiedDomainName": "a.example",
        "Port": 443,
        "Regions": ["us-east-1", "us-west-1", "eu-west-1"],
    }
    made = route53.create_health_check(CallerReference="resets", HealthCheckConfig=config)["HealthCheck"]
    changed = route53.update_health_check(HealthCheckId=made["Id"], ResetElements=["Regions"])["HealthCheck"]
    return bool(made["HealthCheckConfig"]["Regions"]) and not changed["HealthCheckConfig"].get("Regions")


def test_route53_health_check_resets(patched_only):
    patched_only("route53.health_check_resets", aws_behaviour)
