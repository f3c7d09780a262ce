# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Tell the reconciler what listens where and the probers what to probe, and take in what the probes found."""

from __future__ import annotations

from dataclasses import asdict

import ministack.services.acm as acm
import ministack.services.alb as alb
import ministack.services.ec2 as ec2

from lab.emulator.state import target_groups
from lab.emulator.state.load_balancers import placed
from lab.emulator.state.region import in_region
from lab.emulator.state.target_health import HEALTHY, Health


def handlers() -> dict:
    """Return what the probers of a VPC ask for and report."""
    return {"elb-checks": _checks, "elb-results": _results}


def _checks(question: dict) -> list[dict]:
    """Return one check for each target of a VPC that a load balancer forwards to."""
    in_region(question["region"])
    return [
        check
        for group in alb._tgs.values()
        if group["VpcId"] == question["network"] and group["HealthCheckEnabled"]
        if target_groups.in_use(group["TargetGroupArn"])
        for target in target_groups.targets(group["TargetGroupArn"])
        if "_drained_at" not in target and (check := _check(group, target))
    ]


def _check(group: dict, target: dict) -> dict | None:
    address = target_groups.address(group, target)
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
        for target in target_groups.targets(result["group"]) if group else ():
            if (target["Id"], target["Port"]) == (result["target"], result["target_port"]):
                health = Health(**target.get("_health", {}))
                thresholds = group["HealthyThresholdCount"], group["UnhealthyThresholdCount"]
                health.note(result["sound"], result["said"], *thresholds)
                target["_health"] = asdict(health)
    return True


def balancers(region: str) -> list[dict]:
    """Return every load balancer of the current region that has a listener, as HAProxy is to be told of it."""
    found = [_balancer(balancer, interface, region) for balancer, interface in placed()]
    return [item for item in found if item["listeners"]]


def _balancer(balancer: dict, interface: dict, region: str) -> dict:
    arn = balancer["LoadBalancerArn"]
    listeners = [item for item in alb._listeners.values() if item["LoadBalancerArn"] == arn]
    shown = [_listener(item) for item in listeners if item["Protocol"] in ("HTTP", "HTTPS")]
    forwarded = {rule["action"].get("TargetGroupArn") for item in shown for rule in item["rules"]}
    return {
        "name": f"elb-{arn.rpartition('/')[2]}",
        "region": region,
        "network": interface["VpcId"],
        "subnet_cidr": ec2._subnets[interface["SubnetId"]]["CidrBlock"],
        "address": interface["PrivateIpAddress"],
        "mac": interface["MacAddress"],
        "idle_seconds": int(alb._lb_attr(arn, "idle_timeout.timeout_seconds", "60")),
        # One whose certificate isn't issued yet has nothing to show.
        "listeners": [item for item in shown if item["protocol"] == "HTTP" or item["certificates"]],
        "groups": [_group(alb._tgs[name]) for name in sorted(forwarded - {None}) if name in alb._tgs],
    }


def _listener(listener: dict) -> dict:
    rules = [item for item in alb._rules.values() if item["ListenerArn"] == listener["ListenerArn"]]
    ordered = sorted((item for item in rules if not item["IsDefault"]), key=lambda item: int(item["Priority"]))
    certificates = [acm._certificates.get(arn) for arn in listener.get("Certificates", [])]
    return {
        "port": listener["Port"],
        "protocol": listener["Protocol"],
        "certificates": [
            {"arn": item["CertificateArn"], "hosts": sorted({item["DomainName"], *item["SubjectAlternativeNames"]})}
            for item in certificates
            if item and item["Status"] == "ISSUED"
        ],
        "rules": [*(_rule(item) for item in ordered), _rule({"Actions": listener["DefaultActions"]})],
    }


def _rule(rule: dict) -> dict:
    conditions = [{"field": item["Field"], "values": item.get("Values", [])} for item in rule.get("Conditions", [])]
    return {"conditions": conditions, "action": _last(rule["Actions"])}


def _last(actions: list[dict]) -> dict:
    """Return the action that answers: others come before it."""
    action = dict(actions[-1]) if actions else {"Type": "fixed-response"}
    named = [item["TargetGroupArn"] for item in action.get("ForwardConfig", {}).get("TargetGroups", [])]
    return action | ({"TargetGroupArn": named[0]} if named and "TargetGroupArn" not in action else {})


def _group(group: dict) -> dict:
    there = [item for item in target_groups.targets(group["TargetGroupArn"]) if "_drained_at" not in item]
    reachable = [item for item in there if target_groups.address(group, item)]
    healthy = [item for item in reachable if target_groups.state(group, item)[0] == HEALTHY]
    return {
        "arn": group["TargetGroupArn"],
        "protocol": group["Protocol"],
        "targets": [
            {
                "name": f"{item['Id']}-{item['Port']}",
                "address": target_groups.address(group, item),
                "port": item["Port"],
            }
            for item in healthy or reachable
        ],
    }
