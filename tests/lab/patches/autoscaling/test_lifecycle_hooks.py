# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code
from tests.support.groups import make_group

_HOOKS = {"in": "autoscaling:EC2_INSTANCE_LAUNCHING", "out": "autoscaling:EC2_INSTANCE_TERMINATING"}


def aws_behaviour(clients) -> bool:
    """In and out an instance waits for its hook; who gives up on the way in is ended, and another is launched."""
    group = make_group(clients, "hooked", "10.92", 0)
    scaling, name = group.api(), {"AutoScalingGroupName": group.name}

    def put(*, hook: str, timeout: int = 30) -> None:
        scaling.put_lifecycle_hook(
            **name,
            LifecycleHookName=hook,
            LifecycleTransition=_HOOKS[hook],
            HeartbeatTimeout=timeout,
            DefaultResult="ABANDON",
        )

    for hook in _HOOKS:
        put(hook=hook)
    too_short = error_code(put, hook="in", timeout=29) == "ValidationError"
    named = scaling.describe_lifecycle_hooks(**name, LifecycleHookNames=["out"])["LifecycleHooks"]
    shown = [item["LifecycleHookName"] for item in named] == ["out"]

    def complete(hook: str, instance: str, result: str = "CONTINUE") -> str | None:
        return error_code(
            scaling.complete_lifecycle_action,
            **name,
            LifecycleHookName=hook,
            InstanceId=instance,
            LifecycleActionResult=result,
        )

    scaling.set_desired_capacity(**name, DesiredCapacity=1)
    waiting = group.instances("Pending:Wait")
    if len(waiting) != 1:
        return False
    hooked = group.activities()[0]["StatusCode"] == "MidLifecycleAction"
    unknown = complete("out", waiting[0]) == "ValidationError"
    scaling.record_lifecycle_action_heartbeat(**name, LifecycleHookName="in", InstanceId=waiting[0])
    complete("in", waiting[0])
    served = group.states() == {waiting[0]: "InService"} and group.activities()[0]["StatusCode"] == "Successful"
    scaling.set_desired_capacity(**name, DesiredCapacity=0)
    leaving = group.states() == {waiting[0]: "Terminating:Wait"}
    runs = group.api("ec2").describe_instances(InstanceIds=waiting)["Reservations"][0]["Instances"][0]["State"]["Name"]
    complete("out", waiting[0])
    gone = group.states() == {}
    scaling.set_desired_capacity(**name, DesiredCapacity=1)
    (second,) = group.instances("Pending:Wait")
    complete("in", second, "ABANDON")
    abandoned = group.states() == {second: "Terminating:Wait"}
    group.delete()
    waited = hooked and unknown and served and leaving and runs == "running" and gone and abandoned
    return too_short and shown and waited


def test_auto_scaling_lifecycle_hooks(patched_only):
    patched_only("autoscaling.lifecycle_hooks", aws_behaviour)
