# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Lifecycle hooks keep an instance from going into service, or from ending, until they are completed or time out.

The instance is Pending:Wait or Terminating:Wait meanwhile, its activity MidLifecycleAction. ABANDON ends one that was to go into
service; the group launches another. A deletion by force waits for no hook. The emulator keeps hooks and asks nobody. What AWS sends
to a notification target (SNS, SQS) is not sent: an instance sees `autoscaling/target-lifecycle-state` in its metadata.
https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html
"""

from __future__ import annotations

import time
from dataclasses import asdict

import ministack.services.autoscaling as scaling
from ministack.core.responses import new_uuid

from lab.emulator.autoscaling import activities, launches, members
from lab.emulator.autoscaling.hooks import ABANDON, CONTINUE, Wait, verdict
from lab.emulator.autoscaling.requests import empty, group_missing, looking, on_group

_LAUNCHING, _TERMINATING = "autoscaling:EC2_INSTANCE_LAUNCHING", "autoscaling:EC2_INSTANCE_TERMINATING"
_SHOWN = {_LAUNCHING: "Pending", _TERMINATING: "Terminating"}


def _begin(group: dict, item: dict, transition: str) -> None:
    hooks = [
        hook
        for hook in scaling._hooks.values()
        if (hook["AutoScalingGroupName"], hook["LifecycleTransition"]) == (group["AutoScalingGroupName"], transition)
    ]
    now = time.time()
    waits = [
        Wait.begin(hook["LifecycleHookName"], new_uuid(), hook["HeartbeatTimeout"], hook["DefaultResult"], now)
        for hook in hooks
    ]
    item |= {"_transition": transition, "_waits": [asdict(wait) for wait in waits]}
    if waits:
        item["LifecycleState"] = f"{_SHOWN[transition]}:Wait"
        activities.waits(group, item["_activity"], activities.HOOKED)


def _gate(transition: str) -> members.Gate:
    def passes(group: dict, item: dict) -> bool:
        if group["Status"]:
            return True
        if item.get("_transition") != transition:
            _begin(group, item, transition)
        result = verdict([Wait(**wait) for wait in item["_waits"]], time.time())
        if result is None:
            return False
        if item["LifecycleState"].endswith(":Wait"):
            item["LifecycleState"] = f"{_SHOWN[transition]}:Proceed"
        if result == ABANDON and transition == _LAUNCHING:
            launches.pause(group)
            members.leave(
                group, item, "an instance was taken out of service in response to an abandoned lifecycle action"
            )
            return False
        return True

    return passes


def _wait(params: dict) -> tuple[dict | None, tuple]:
    """Return the wait that a request is about, or the refusal."""
    name, hook = scaling._p(params, "AutoScalingGroupName"), scaling._p(params, "LifecycleHookName")
    group = scaling._asgs.get(name)
    if not group:
        return None, group_missing(name)
    token, identifier = scaling._p(params, "LifecycleActionToken"), scaling._p(params, "InstanceId")
    for item in group["Instances"]:
        for wait in item.get("_waits", []):
            named = token == wait["token"] if token else identifier == item["InstanceId"]
            if wait["hook"] == hook and named and item["LifecycleState"].endswith(":Wait"):
                return wait, ()
    message = f"No active Lifecycle Action found with {f'token {token}' if token else f'instance ID {identifier}'}"
    return None, scaling._error("ValidationError", message)


def _complete(params: dict) -> tuple:
    result = scaling._p(params, "LifecycleActionResult")
    if result not in (CONTINUE, ABANDON):
        return scaling._error("ValidationError", "LifecycleActionResult must be either CONTINUE or ABANDON")
    wait, refusal = _wait(params)
    if wait is None:
        return refusal
    wait["result"] = result
    return empty("CompleteLifecycleAction")


def _beat(params: dict) -> tuple:
    wait, refusal = _wait(params)
    if wait is None:
        return refusal
    beaten = Wait(**wait)
    beaten.beat(time.time())
    wait |= asdict(beaten)
    return empty("RecordLifecycleActionHeartbeat")


def _put(put):
    def checked(_group: dict, params: dict) -> tuple:
        timeout = scaling._p(params, "HeartbeatTimeout")
        if timeout and not 30 <= int(timeout) <= 7200:
            message = "HeartbeatTimeout must be between 30 and 7200 seconds"
            return scaling._error("ValidationError", message)
        return put(params)

    return on_group(checked)


def _named(params: dict, describe):
    names = scaling._parse_member_list(params, "LifecycleHookNames")
    if not names:
        return describe(params)
    kept = scaling._hooks
    scaling._hooks = {key: hook for key, hook in kept.items() if hook["LifecycleHookName"] in names}
    try:
        return describe(params)
    finally:
        scaling._hooks = kept


def apply() -> None:
    describe = scaling._ACTION_MAP["DescribeLifecycleHooks"]
    members.on_the_way_in.append(_gate(_LAUNCHING))
    members.on_the_way_out.append(_gate(_TERMINATING))
    scaling._ACTION_MAP |= {
        "CompleteLifecycleAction": looking(_complete),
        "RecordLifecycleActionHeartbeat": looking(_beat),
        "PutLifecycleHook": _put(scaling._ACTION_MAP["PutLifecycleHook"]),
        "DescribeLifecycleHooks": lambda params: _named(params, describe),
    }
