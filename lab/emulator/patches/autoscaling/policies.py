# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A scaling policy changes its group's capacity while its alarm is on.

Target tracking in proportion to its metric, by the two alarms that it has; step and simple scaling by the alarms that name it. They
heed warm-up or cooldown, the group's sizes and suspended alarm notifications, and act once a period. The emulator keeps policies
and alarms, and changes nothing. Predictive scaling is refused.
https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scale-based-on-demand.html
"""

from __future__ import annotations

import time

import ministack.services.autoscaling as scaling
import ministack.services.cloudwatch as cloudwatch

from lab.emulator.autoscaling import converge, members, step_scaling, target_tracking
from lab.emulator.autoscaling.requests import empty, looking, on_group
from lab.emulator.autoscaling.target_tracking import Capacity
from lab.emulator.state import alarms


def _policies(group: dict) -> list[dict]:
    name = group["AutoScalingGroupName"]
    return [item for item in scaling._policies.values() if item["AutoScalingGroupName"] == name and item["Enabled"]]


def _alarms_of(policy: dict) -> list[dict]:
    return [
        alarm
        for alarm in list(cloudwatch._alarms.values())
        if alarm.get("ActionsEnabled", True) and policy["PolicyARN"] in alarm.get("AlarmActions", [])
    ]


def _scale(group: dict) -> None:
    if members.suspended(group, "AlarmNotification"):
        return
    for policy in _policies(group):
        for alarm in _alarms_of(policy):
            cloudwatch._evaluate_alarm(alarm)
            if alarm["StateValue"] == "ALARM" and time.time() - policy.get("_acted_at", 0) >= alarms.period(alarm):
                _act(group, policy, alarm)


def _act(group: dict, policy: dict, alarm: dict) -> None:
    metric, before = alarms.values(alarm)[0], group["DesiredCapacity"]
    if metric is None:
        return
    wanted = max(group["MinSize"], min(group["MaxSize"], _wanted(group, policy, alarm, metric)))
    policy["_acted_at"] = time.time()
    if wanted == before:
        return
    group["_why"] = (
        f"a monitor alarm {alarm['AlarmName']} in state ALARM triggered policy {policy['PolicyName']} changing the desired "
        f"capacity from {before} to {wanted}; "
    )
    group |= {"DesiredCapacity": wanted, "_scaled_at": time.time()}


def _wanted(group: dict, policy: dict, alarm: dict, metric: float) -> int:
    current = group["DesiredCapacity"]
    match policy["PolicyType"]:
        case "TargetTrackingScaling":
            tracking = policy["TargetTrackingConfiguration"]
            capacity = Capacity(current, _ready(group, policy), group["MinSize"], group["MaxSize"])
            may_scale_in = not tracking["DisableScaleIn"] and alarm["ComparisonOperator"].startswith("LessThan")
            return target_tracking.wanted(capacity, metric, tracking["TargetValue"], may_scale_in=may_scale_in)
        case "StepScaling":
            adjustment = step_scaling.adjustment_for(policy.get("StepAdjustments", []), metric - alarm["Threshold"])
            # What is still warming up was asked for by the step before.
            if adjustment is None or (adjustment > 0 and _ready(group, policy) < current):
                return current
        case _:
            if time.time() - group.get("_scaled_at", 0) < policy.get("Cooldown", group["DefaultCooldown"]):
                return current
            adjustment = policy["ScalingAdjustment"]
    return step_scaling.wanted(current, policy["AdjustmentType"], adjustment, policy.get("MinAdjustmentMagnitude", 0))


def _ready(group: dict, policy: dict) -> int:
    warm_up = policy.get("EstimatedInstanceWarmup", group.get("DefaultInstanceWarmup", group["DefaultCooldown"]))
    return sum(members.ready(group, item, warm_up) for item in group["Instances"])


def _put(put):
    def checked(_group: dict, params: dict) -> tuple:
        if scaling._p(params, "PolicyType") == "PredictiveScaling":
            return scaling._error("ValidationError", "The lab predicts nothing")
        return put(params)

    return on_group(checked)


def _described(describe):
    def show(params: dict) -> tuple:
        names, everything = scaling._parse_member_list(params, "PolicyNames"), scaling._policies
        scaling._policies = {
            key: {name: value for name, value in policy.items() if not name.startswith("_")}
            for key, policy in everything.items()
            if not names or policy["PolicyName"] in names
        }
        try:
            return describe(params)
        finally:
            scaling._policies = everything

    return show


def _set_desired(group: dict, params: dict) -> tuple:
    name, desired = group["AutoScalingGroupName"], int(scaling._p(params, "DesiredCapacity") or -1)
    if not group["MinSize"] <= desired <= group["MaxSize"]:
        side = "below min" if desired < group["MinSize"] else "above max"
        message = f"New SetDesiredCapacity value {desired} is {side} value for the AutoScalingGroup."
        return scaling._error("ValidationError", message)
    cools = time.time() - group.get("_scaled_at", 0) < group["DefaultCooldown"]
    if scaling._p(params, "HonorCooldown") == "true" and cools:
        message = f"Scaling activity is in progress for AutoScalingGroup {name}: its cooldown has not passed"
        return scaling._error("ScalingActivityInProgress", message)
    group |= {"DesiredCapacity": desired, "_why": ""}
    converge.converge(group)
    return empty("SetDesiredCapacity")


def apply() -> None:
    converge.chores.append(_scale)
    actions = scaling._ACTION_MAP
    actions |= {
        "PutScalingPolicy": _put(actions["PutScalingPolicy"]),
        "DescribePolicies": looking(_described(actions["DescribePolicies"])),
        "SetDesiredCapacity": on_group(_set_desired),
    }
