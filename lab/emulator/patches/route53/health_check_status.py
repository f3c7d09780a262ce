# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""GetHealthCheckStatus says what the probes found.

AWS answers with one observation for each region that probes; the lab's DNS server probes for all of them. The emulator doesn't know
the call.
https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetHealthCheckStatus.html
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from xml.etree.ElementTree import SubElement

import ministack.services.route53 as route53

from lab.dns.files import HEALTH
from lab.emulator.patches.route53._paths import answer_get

_REGION, _PROBER = "us-east-1", "127.0.0.1"


def _get_status(check_id: str) -> tuple:
    if check_id not in route53._health_checks:
        return route53._error_response(
            "NoSuchHealthCheck", f"No health check exists with the specified ID {check_id}.", 404
        )
    # `lab up` makes the lab's run folder the emulator's TMPDIR.
    file = Path(os.environ["TMPDIR"]) / HEALTH
    found = json.loads(file.read_text()).get(check_id) if file.exists() else None

    def build(root):
        observations = SubElement(root, "HealthCheckObservations")
        if not found or not found["checked"]:
            return
        observation = SubElement(observations, "HealthCheckObservation")
        SubElement(observation, "Region").text = _REGION
        SubElement(observation, "IPAddress").text = _PROBER
        report = SubElement(observation, "StatusReport")
        SubElement(report, "Status").text = found["status"]
        SubElement(report, "CheckedTime").text = datetime.fromtimestamp(found["checked"], UTC).isoformat()

    return route53._xml_response("GetHealthCheckStatusResponse", build)


def apply() -> None:
    answer_get(r"/healthcheck/([^/]+)/status", _get_status)
