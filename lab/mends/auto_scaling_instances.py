# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""An Auto Scaling group launches its instances, replaces those that end, and takes them along when it goes.

AWS launches them from the group's launch template into its subnets, tags them, and writes an activity about each. The emulator
makes ids up that EC2 doesn't know. Here a group does its next step whenever it is asked about, and at every look of lab/ec2.
https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html
"""

from __future__ import annotations

import re
import time
from xml.sax.saxutils import escape, unescape

import ministack.services.autoscaling as scaling
import ministack.services.ec2 as ec2
from ministack.core.responses import new_uuid, now_iso

from lab.ec2.scaling import Member, step
from lab.mends._instances import created_by

# A launch that failed is tried again after this many seconds, as AWS does (with longer pauses).
_RETRY_AFTER = 10.0
_ACTIVITIES_KEPT = 50


def converge_all() -> None:
    """Let every group of the current region do its next step."""
    for group in list(scaling._asgs.values()):
        converge(group)


def converge(group: dict) -> None:
    """Do a group's next step."""
    now = step(group["DesiredCapacity"], list(_subnets(group)), [_member(item) for item in group["Instances"]])
    group["Instances"] = [item for item in group["Instances"] if item["InstanceId"] not in now.forget]
    _terminate(group, now.replace, "an instance was taken out of service in response to an EC2 health check")
    _terminate(
        group,
        now.scale_in,
        "an instance was taken out of service in response to a difference between desired and actual capacity",
    )
    if now.launch_zones and time.time() - group.get("_launch_failed_at", 0) > _RETRY_AFTER:
        for zone in now.launch_zones:
            _launch(group, zone)
    for item in group["Instances"]:
        member = _member(item)
        item["LifecycleState"] = member.lifecycle
        item["HealthStatus"] = "Healthy" if member.healthy else "Unhealthy"
    if group["Status"] and not group["Instances"]:
        _forget(group["AutoScalingGroupName"])


def _subnets(group):
    """The group's subnets by zone."""
    subnets = [ec2._subnets.get(name.strip()) for name in group["VPCZoneIdentifier"].split(",") if name.strip()]
    return {subnet["AvailabilityZone"]: subnet["SubnetId"] for subnet in subnets if subnet}


def _member(item):
    instance = ec2._instances.get(item["InstanceId"])
    return Member(
        instance_id=item["InstanceId"],
        zone=item["AvailabilityZone"],
        state=instance["State"]["Name"] if instance else None,
        leaving=item.get("_leaving", False),
        marked=item.get("_unhealthy", False),
        protected=item["ProtectedFromScaleIn"],
    )


def _terminate(group, identifiers, cause):
    for item in group["Instances"]:
        if item["InstanceId"] in identifiers:
            item["_leaving"] = True
            if item["InstanceId"] in ec2._instances:
                ec2._ACTION_MAP["TerminateInstances"]({"InstanceId.1": item["InstanceId"]})
            _note(group, f"Terminating EC2 instance: {item['InstanceId']}", cause)


def _launch(group, zone):
    template = group.get("LaunchTemplate") or {}
    own = [
        {"Key": "aws:autoscaling:groupName", "Value": group["AutoScalingGroupName"]},
        {"Key": "aws:ec2launchtemplate:id", "Value": template.get("LaunchTemplateId", "")},
    ]
    tags = own + [tag for tag in group["Tags"] if tag["PropagateAtLaunch"]]
    params = {
        "MinCount": "1",
        "MaxCount": "1",
        "SubnetId": _subnets(group)[zone],
        "LaunchTemplate.LaunchTemplateId": template.get("LaunchTemplateId", ""),
        "LaunchTemplate.Version": template.get("Version", "$Default"),
        "TagSpecification.1.ResourceType": "instance",
    }
    for number, tag in enumerate(tags, 1):
        params |= {
            f"TagSpecification.1.Tag.{number}.Key": tag["Key"],
            f"TagSpecification.1.Tag.{number}.Value": tag["Value"],
        }
    cause = "an instance was started in response to a difference between desired and actual capacity"
    answer, created = created_by(ec2._ACTION_MAP["RunInstances"], params)
    if not created:
        group["_launch_failed_at"] = time.time()
        message = re.search(r"<Message>(.*?)</Message>", answer[2].decode())
        _note(group, "Launching a new EC2 instance", cause, failure=unescape(message[1]) if message else "")
        return
    group["Instances"].append(
        {
            "InstanceId": created[0]["InstanceId"],
            "LifecycleState": "Pending",
            "HealthStatus": "Healthy",
            "AvailabilityZone": zone,
            "ProtectedFromScaleIn": group["NewInstancesProtectedFromScaleIn"],
            "LaunchTemplate": template,
            "LaunchConfigurationName": "",
        }
    )
    _note(group, f"Launching a new EC2 instance: {created[0]['InstanceId']}", cause)


def _note(group, description, cause, failure=None):
    activity = {
        "ActivityId": new_uuid(),
        "AutoScalingGroupName": group["AutoScalingGroupName"],
        "Description": description if failure is None else f"{description}.  Status Reason: {failure}",
        "Cause": f"At {now_iso()} {cause}.",
        "StartTime": now_iso(),
        "EndTime": now_iso(),
        "StatusCode": "Successful" if failure is None else "Failed",
        "StatusMessage": failure or "",
        "Progress": "100",
    }
    group["_activities"] = [activity, *group.get("_activities", [])][:_ACTIVITIES_KEPT]


def _activity_xml(activity):
    return "".join(f"<{key}>{escape(value)}</{key}>" for key, value in activity.items() if value)


def _activities(params):
    name = scaling._p(params, "AutoScalingGroupName")
    found = [item for group in scaling._asgs.values() for item in group.get("_activities", [])]
    wanted = [item for item in found if name in ("", item["AutoScalingGroupName"])]
    members = "".join(f"<member>{_activity_xml(item)}</member>" for item in wanted)
    inner = f"<DescribeScalingActivitiesResult><Activities>{members}</Activities></DescribeScalingActivitiesResult>"
    return scaling._xml(200, "DescribeScalingActivitiesResponse", inner)


def _forget(name):
    scaling._asgs.pop(name, None)
    scaling._tags.pop(name, None)
    scaling._delete_group_hooks(name)
    scaling._delete_group_policies(name)


def _delete(params):
    name = scaling._p(params, "AutoScalingGroupName")
    group = scaling._asgs.get(name)
    if not group:
        return scaling._error(
            "ValidationError", f"AutoScalingGroup name not found - AutoScalingGroup '{escape(name)}' not found"
        )
    if group["Instances"] and scaling._p(params, "ForceDelete") != "true":
        message = (
            "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) "
            "still in the group."
        )
        return scaling._error("ResourceInUse", message)
    group |= {"Status": "Delete in progress", "MinSize": 0, "DesiredCapacity": 0}
    for item in group["Instances"]:
        item["ProtectedFromScaleIn"] = False
    converge(group)
    if name in scaling._asgs:
        converge(group)  # where nothing carries instances they are gone by now
    return scaling._xml(200, "DeleteAutoScalingGroupResponse", "")


def _set_health(params):
    for group in scaling._asgs.values():
        for item in group["Instances"]:
            if item["InstanceId"] == scaling._p(params, "InstanceId"):
                item["_unhealthy"] = scaling._p(params, "HealthStatus") == "Unhealthy"
                return scaling._xml(200, "SetInstanceHealthResponse", "")
    return scaling._error("ValidationError", "Instance Id not found - No managed instance found")


def _terminate_in_group(params):
    identifier = scaling._p(params, "InstanceId")
    for group in scaling._asgs.values():
        if identifier in [item["InstanceId"] for item in group["Instances"]]:
            if scaling._p(params, "ShouldDecrementDesiredCapacity") == "true":
                group["DesiredCapacity"] -= 1
            _terminate(group, [identifier], "an instance was taken out of service in response to a user request")
            activity = _activity_xml(group["_activities"][0])
            converge(group)
            name = "TerminateInstanceInAutoScalingGroup"
            return scaling._xml(200, f"{name}Response", f"<{name}Result><Activity>{activity}</Activity></{name}Result>")
    message = f"Instance Id not found - No managed instance found for instance ID: {escape(identifier)}"
    return scaling._error("ValidationError", message)


def _looking(action):
    def look(params):
        converge_all()
        return action(params)

    return look


def mend() -> None:
    scaling._reconcile_instances = converge
    for name in ("DescribeAutoScalingGroups", "DescribeAutoScalingInstances"):
        scaling._ACTION_MAP[name] = _looking(scaling._ACTION_MAP[name])
    scaling._ACTION_MAP |= {
        "DeleteAutoScalingGroup": _delete,
        "DescribeScalingActivities": _looking(_activities),
        "SetInstanceHealth": _set_health,
        "TerminateInstanceInAutoScalingGroup": _terminate_in_group,
    }
