# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import socket
import time

from botocore.exceptions import ClientError


def aws_behaviour(clients) -> bool:
    """A listener on its port makes the check succeed; a closed port makes another one fail."""
    route53 = clients("route53", "us-east-1")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ports = {"open": listener.getsockname()[1], "closed": 1}
        checks = {}
        for name, port in ports.items():
            config = {
                "Type": "TCP",
                "IPAddress": "127.0.0.1",
                "Port": port,
                "RequestInterval": 10,
                "FailureThreshold": 1,
            }
            made = route53.create_health_check(CallerReference=f"status-{name}", HealthCheckConfig=config)
            checks[name] = made["HealthCheck"]["Id"]
        try:
            found = {name: _status(route53, check_id) for name, check_id in checks.items()}
        except ClientError:
            return False
    return found["open"].startswith("Success") and found["closed"].startswith("Failure")


def _status(route53, check_id: str) -> str:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if seen := route53.get_health_check_status(HealthCheckId=check_id)["HealthCheckObservations"]:
            return seen[0]["StatusReport"]["Status"]
        time.sleep(0.1)
    return "never probed"


def test_route53_health_check_status(patched_only):
    patched_only("route53.health_check_status", aws_behaviour)
