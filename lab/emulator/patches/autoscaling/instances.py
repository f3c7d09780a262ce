# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""An Auto Scaling group launches its instances, replaces those that end, and takes them along when it goes.

AWS launches them from the group's launch template into its subnets, tags them, and writes an activity about each; suspended
processes don't happen. The emulator makes ids up that EC2 doesn't know. Here a group does its next step (lab/emulator/autoscaling)
whenever it is asked about, and at every pass of the EC2 reconciler.
https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html
"""

from __future__ import annotations

from xml.sax.saxutils import escape

import ministack.services.autoscaling as scaling

from lab.emulator.autoscaling import converge, members
from lab.emulator.autoscaling.requests import empty, instance_missing, looking, on_group

_BY_USER = "an instance was taken out of service in response to a user request"


def _activity_xml(activity):
    return "".join(f"<{key}>{escape(value)}</{key}>" for key, value in activity.items() if value)


def _activities(params):
    name, wanted = scaling._p(params, "AutoScalingGroupName"), scaling._parse_member_list(params, "ActivityIds")
    found = [
        item
        for group in scaling._asgs.values()
        for item in group.get("_activities", [])
        if name in ("", item["AutoScalingGroupName"]) and (not wanted or item["ActivityId"] in wanted)
    ]
    shown = "".join(f"<member>{_activity_xml(item)}</member>" for item in found)
    inner = f"<DescribeScalingActivitiesResult><Activities>{shown}</Activities></DescribeScalingActivitiesResult>"
    return scaling._xml(200, "DescribeScalingActivitiesResponse", inner)


def _delete(group, params):
    forced = scaling._p(params, "ForceDelete") == "true"
    if group["Instances"] and not forced:
        message = (
            "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) "
            "still in the group."
        )
        return scaling._error("ResourceInUse", message)
    # Nothing is waited for on the way out.
    group |= {"Status": "Delete in progress", "MinSize": 0, "DesiredCapacity": 0, "_extra": 0, "_suspended": []}
    for item in group["Instances"]:
        item["ProtectedFromScaleIn"] = False
    converge.converge(group)
    if group["AutoScalingGroupName"] in scaling._asgs:
        converge.converge(group)  # without a reconciler they are gone by now
    return empty("DeleteAutoScalingGroup")


def _set_health(params):
    identifier = scaling._p(params, "InstanceId")
    found = members.found(identifier)
    if not found:
        return instance_missing(identifier)
    group, item = found
    respects = scaling._p(params, "ShouldRespectGracePeriod") != "false"
    if not (respects and members.in_grace(group, item)):
        item["_unhealthy"] = scaling._p(params, "HealthStatus") == "Unhealthy"
    return empty("SetInstanceHealth")


def _terminate_in_group(params):
    identifier = scaling._p(params, "InstanceId")
    found = members.found(identifier)
    if not found:
        return instance_missing(identifier)
    group, item = found
    if scaling._p(params, "ShouldDecrementDesiredCapacity") == "true":
        if group["DesiredCapacity"] <= group["MinSize"]:
            message = "Currently, desiredSize equals minSize. Terminating it without replacement will violate the group's min size"
            return scaling._error("ValidationError", message)
        group["DesiredCapacity"] -= 1
    members.leave(group, item, _BY_USER)
    activity = _activity_xml(group["_activities"][0])
    converge.converge(group)
    name = "TerminateInstanceInAutoScalingGroup"
    return scaling._xml(200, f"{name}Response", f"<{name}Result><Activity>{activity}</Activity></{name}Result>")


def apply() -> None:
    scaling._reconcile_instances = converge.converge
    for name in ("DescribeAutoScalingGroups", "DescribeAutoScalingInstances"):
        scaling._ACTION_MAP[name] = looking(scaling._ACTION_MAP[name])
    scaling._ACTION_MAP |= {
        "DeleteAutoScalingGroup": on_group(_delete),
        "DescribeScalingActivities": looking(_activities),
        "SetInstanceHealth": _set_health,
        "TerminateInstanceInAutoScalingGroup": _terminate_in_group,
    }
