# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Do a group's next step: whenever a request asks about groups, and at every pass of the EC2 reconciler."""

from __future__ import annotations

from collections.abc import Callable

import ministack.services.autoscaling as scaling

from lab.emulator.autoscaling import launches, members
from lab.emulator.autoscaling.scaling import Step, step

_CAUSE = "an instance was taken out of service in response to"
_TOO_MANY = "a difference between desired and actual capacity"

# What is done once a pass, whatever groups there are.
watches: list[Callable[[], None]] = []
# What else is done before a step; it may change the group's capacity, or make instances leave.
chores: list[Callable[[dict], None]] = []


def converge_all() -> None:
    """Let every group of the current region do its next step."""
    for watch in watches:
        watch()
    for group in list(scaling._asgs.values()):
        converge(group)


def converge(group: dict) -> None:
    """Do a group's next step."""
    for chore in chores if not group["Status"] else ():
        chore(group)
    _advance_all(group)
    desired = group["DesiredCapacity"] + group.get("_extra", 0)
    facts = [members.member(group, item) for item in group["Instances"]]
    _do(group, step(desired, list(launches.subnets(group)), facts))
    _advance_all(group)
    for item in group["Instances"]:
        item["HealthStatus"] = "Healthy" if members.member(group, item).healthy else "Unhealthy"
    if group["Status"] and not group["Instances"]:
        forget(group["AutoScalingGroupName"])


def _do(group: dict, now: Step) -> None:
    for item in group["Instances"] if not members.suspended(group, "Terminate") else ():
        if item["InstanceId"] in now.replace:
            members.leave(group, item, f"{_CAUSE} {members.fault(item)}")
        elif item["InstanceId"] in now.scale_in:
            why = group.get("_why", "")
            members.leave(group, item, f"{why}{_CAUSE} {_TOO_MANY}")
    if launches.may_launch(group) and not members.suspended(group, "Launch"):
        for zone in now.launch_zones:
            launches.launch(group, zone)
    if not (now.launch_zones or now.scale_in):
        # The group is as large as it was made: what happens next has another cause.
        group["_why"] = ""


def _advance_all(group: dict) -> None:
    for item in list(group["Instances"]):
        members.advance(group, item)


def forget(name: str) -> None:
    """Take a group out of the API's state, with what belongs to it."""
    scaling._asgs.pop(name, None)
    scaling._tags.pop(name, None)
    scaling._delete_group_hooks(name)
    scaling._delete_group_policies(name)
