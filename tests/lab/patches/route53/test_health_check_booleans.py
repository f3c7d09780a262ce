# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations


def aws_behaviour(clients) -> bool:
    """What was set to true is read as true."""
    config = {
        "Type": "HTTPS",
        "FullyQualifiedDomainName": "a.example",
        "Port": 443,
        "EnableSNI": True,
        "MeasureLatency": False,
    }
    made = clients("route53", "us-east-1").create_health_check(CallerReference="booleans", HealthCheckConfig=config)
    read = made["HealthCheck"]["HealthCheckConfig"]
    return (read["EnableSNI"], read["MeasureLatency"]) == (True, False)


def test_route53_health_check_booleans(patched_only):
    patched_only("route53.health_check_booleans", aws_behaviour)
