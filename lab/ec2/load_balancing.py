# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The emulator's end of target health: what is to be probed, and what the probes found. Runs in the emulator's process."""

from __future__ import annotations

from dataclasses import asdict

import ministack.services.alb as alb

from lab.backstage import in_region
from lab.ec2.target_health import Health
from lab.mends import _target_groups


def handlers() -> dict:
    """What the probers of a VPC ask for and report."""
    return {"elb-checks": _checks, "elb-results": _results}


def _checks(question: dict) -> list[dict]:
    """One check for each target of a VPC that a load balancer forwards to."""
    in_region(question["region"])
    return [
        check
        for group in alb._tgs.values()
        if group["VpcId"] == question["network"] and group["HealthCheckEnabled"]
        if _target_groups.in_use(group["TargetGroupArn"])
        for target in _target_groups.targets(group["TargetGroupArn"])
        if "_drained_at" not in target and (check := _check(group, target))
    ]


def _check(group: dict, target: dict) -> dict | None:
    address = _target_groups.address(group, target)
    if address is None:
        return None
    port = group["HealthCheckPort"]
    return {
        "group": group["TargetGroupArn"],
        "target": target["Id"],
        "target_port": target["Port"],
        "address": address,
        "port": target["Port"] if port == "traffic-port" else int(port),
        "protocol": group["HealthCheckProtocol"],
        "path": group["HealthCheckPath"],
        "matcher": group["Matcher"]["HttpCode"],
        "interval": group["HealthCheckIntervalSeconds"],
        "timeout": group["HealthCheckTimeoutSeconds"],
    }


def _results(question: dict) -> bool:
    """Take the results of probes in: `group`, `target`, `target_port`, `sound` and `said` of each."""
    in_region(question["region"])
    for result in question["results"]:
        group = alb._tgs.get(result["group"])
        for target in _target_groups.targets(result["group"]) if group else ():
            if (target["Id"], target["Port"]) == (result["target"], result["target_port"]):
                health = Health(**target.get("_health", {}))
                thresholds = group["HealthyThresholdCount"], group["UnhealthyThresholdCount"]
                health.note(result["sound"], result["said"], *thresholds)
                target["_health"] = asdict(health)
    return True
