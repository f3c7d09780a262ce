# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A group registers its instances with its target groups, and takes them out and lets them drain before it ends them.

With health check type ELB, one that a target group calls unhealthy is replaced, after its grace period. While one drains its
activity is WaitingForELBConnectionDraining. The emulator keeps the group's list and does nothing with it.
https://docs.aws.amazon.com/autoscaling/ec2/userguide/attach-load-balancer-asg.html
"""

from __future__ import annotations

import ministack.services.alb as alb
import ministack.services.autoscaling as scaling

from lab.emulator.autoscaling import activities, converge, members
from lab.emulator.autoscaling.requests import empty, on_group
from lab.emulator.state import target_groups
from lab.emulator.state.target_health import HEALTHY, UNHEALTHY


def _request(arn: str, item: dict) -> dict:
    return {"TargetGroupArn": arn, "Targets.member.1.Id": item["InstanceId"]}


def _arns(group: dict) -> list[str]:
    return [arn for arn in group.get("TargetGroupARNs", []) if arn in alb._tgs]


def _register(group: dict) -> None:
    """Register what is in service with what the group has, and take it out of what the group no longer has."""
    if members.suspended(group, "AddToLoadBalancer"):
        return
    for item in group["Instances"]:
        if item["LifecycleState"] != "InService":
            continue
        known, wanted = set(item.get("_targets", [])), set(_arns(group))
        for arn in wanted - known:
            alb._ACTION_MAP["RegisterTargets"](_request(arn, item))
        _take_out(item, known - wanted)
        item["_targets"] = sorted(wanted)


def _take_out(item: dict, arns: set[str]) -> None:
    for arn in arns & set(alb._tgs):
        alb._ACTION_MAP["DeregisterTargets"](_request(arn, item))


def _states(item: dict) -> list[str]:
    found = [
        (alb._tgs[arn], target)
        for arn in item.get("_targets", [])
        if arn in alb._tgs
        for target in target_groups.targets(arn)
        if target["Id"] == item["InstanceId"]
    ]
    return [target_groups.state(group, target)[0] for group, target in found]


def _drained(group: dict, item: dict) -> bool:
    _take_out(item, set(item.get("_targets", [])))
    if group["Status"] or target_groups.DRAINING not in _states(item):
        return True
    activities.waits(group, item["_activity"], activities.DRAINING)
    return False


def _unhealthy(group: dict, item: dict) -> bool:
    return group["HealthCheckType"] == "ELB" and not members.in_grace(group, item) and UNHEALTHY in _states(item)


def _serving(group: dict, item: dict) -> bool:
    """Return whether an instance is registered and its targets are healthy, where the group's health check asks for that."""
    if group["HealthCheckType"] != "ELB":
        return True
    registered = set(item.get("_targets", [])) == set(_arns(group))
    return registered and all(state in (HEALTHY, target_groups.UNUSED) for state in _states(item))


def _attach(group: dict, params: dict) -> tuple:
    arns = scaling._parse_member_list(params, "TargetGroupARNs")
    missing = [arn for arn in arns if arn not in alb._tgs]
    if missing:
        return scaling._error("ValidationError", f"Provided Target Groups may not be valid: {', '.join(missing)}")
    group["TargetGroupARNs"] = list(dict.fromkeys([*group.get("TargetGroupARNs", []), *arns]))
    converge.converge(group)
    return empty("AttachLoadBalancerTargetGroups")


def _detach(group: dict, params: dict) -> tuple:
    arns = scaling._parse_member_list(params, "TargetGroupARNs")
    group["TargetGroupARNs"] = [arn for arn in group.get("TargetGroupARNs", []) if arn not in arns]
    converge.converge(group)
    return empty("DetachLoadBalancerTargetGroups")


def _describe(group: dict, _params: dict) -> tuple:
    shown = []
    for arn in group.get("TargetGroupARNs", []):
        added = all(arn in item.get("_targets", []) for item in group["Instances"])
        shown.append({"LoadBalancerTargetGroupARN": arn, "State": "InService" if added else "Adding"})
    name = "DescribeLoadBalancerTargetGroups"
    inner = f"<LoadBalancerTargetGroups>{scaling._member_xml(shown)}</LoadBalancerTargetGroups>"
    return scaling._xml(200, f"{name}Response", f"<{name}Result>{inner}</{name}Result>")


def apply() -> None:
    converge.chores.append(_register)
    members.on_the_way_out.append(_drained)
    members.complaints.append(_unhealthy)
    members.assurances.append(_serving)
    scaling._ACTION_MAP |= {
        "AttachLoadBalancerTargetGroups": on_group(_attach),
        "DetachLoadBalancerTargetGroups": on_group(_detach),
        "DescribeLoadBalancerTargetGroups": on_group(_describe),
    }
