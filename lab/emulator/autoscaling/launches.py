# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Launch an instance of a group: from its launch template, into one of its subnets, with its tags."""

from __future__ import annotations

import re
import time
from xml.sax.saxutils import unescape

import ministack.services.ec2 as ec2

from lab.emulator.autoscaling import activities
from lab.emulator.state.instances import created_by

_CAUSE = "an instance was started in response to a difference between desired and actual capacity"
# A launch that failed is tried again after this many seconds, as AWS does (with longer pauses).
_RETRY_AFTER = 10.0


def specification(group: dict) -> tuple[dict, dict]:
    """Return the launch template of the next instance, and what of RunInstances' parameters goes before it."""
    return group.get("_next_template") or group.get("LaunchTemplate") or {}, {}


def resolved(template: dict) -> dict:
    """Return a launch template with the number of the version that it stands for."""
    known = ec2._launch_templates.get(template.get("LaunchTemplateId", ""))
    numbers = {"$Latest": "LatestVersionNumber", "$Default": "DefaultVersionNumber"}
    version = template.get("Version") or "$Default"
    return template | {"Version": str(known[numbers[version]])} if known and version in numbers else template


def found_template(named: dict) -> dict | None:
    """Return a launch template that a request names by id or name, by both; None where there is none."""
    for known in ec2._launch_templates.values():
        if named.get("LaunchTemplateId") == known["LaunchTemplateId"] or (
            not named.get("LaunchTemplateId") and named.get("LaunchTemplateName") == known["LaunchTemplateName"]
        ):
            both = {key: known[key] for key in ("LaunchTemplateId", "LaunchTemplateName")}
            return both | {"Version": named.get("Version") or "$Default"}
    return None


def subnets(group: dict) -> dict[str, str]:
    """Return the group's subnets by zone."""
    found = [ec2._subnets.get(name.strip()) for name in group["VPCZoneIdentifier"].split(",") if name.strip()]
    return {subnet["AvailabilityZone"]: subnet["SubnetId"] for subnet in found if subnet}


def may_launch(group: dict) -> bool:
    """Return whether a launch that failed is long enough ago."""
    return time.time() - group.get("_launch_failed_at", 0) > _RETRY_AFTER


def pause(group: dict) -> None:
    """Make the next launch wait, as one came to nothing."""
    group["_launch_failed_at"] = time.time()


def launch(group: dict, zone: str) -> None:
    """Launch an instance and make it a member."""
    template, more = specification(group)
    template = resolved(template)
    params = {
        "MinCount": "1",
        "MaxCount": "1",
        "SubnetId": subnets(group)[zone],
        "LaunchTemplate.LaunchTemplateId": template.get("LaunchTemplateId", ""),
        "LaunchTemplate.Version": template.get("Version", "$Default"),
        "TagSpecification.1.ResourceType": "instance",
        **more,
        **_tags(group, template),
    }
    cause = group.get("_why", "") + _CAUSE
    answer, created = created_by(ec2._ACTION_MAP["RunInstances"], params)
    if not created:
        message = re.search(r"<Message>(.*?)</Message>", answer[2].decode())
        failure = unescape(message[1]) if message else "the launch was refused"
        activities.failed(group, "Launching a new EC2 instance", cause, failure)
        pause(group)
        return
    instance_id = created[0]["InstanceId"]
    group["Instances"].append(
        {
            "InstanceId": instance_id,
            "LifecycleState": "Pending",
            "HealthStatus": "Healthy",
            "AvailabilityZone": zone,
            "ProtectedFromScaleIn": group["NewInstancesProtectedFromScaleIn"],
            "LaunchTemplate": template,
            "LaunchConfigurationName": "",
            "InstanceType": created[0]["InstanceType"],
            "_launched_at": time.time(),
            "_activity": activities.begin(group, f"Launching a new EC2 instance: {instance_id}", cause),
        }
    )


def _tags(group: dict, template: dict) -> dict:
    own = [
        {"Key": "aws:autoscaling:groupName", "Value": group["AutoScalingGroupName"]},
        {"Key": "aws:ec2launchtemplate:id", "Value": template.get("LaunchTemplateId", "")},
        {"Key": "aws:ec2launchtemplate:version", "Value": template.get("Version", "")},
    ]
    params = {}
    for number, tag in enumerate(own + [tag for tag in group["Tags"] if tag["PropagateAtLaunch"]], 1):
        params[f"TagSpecification.1.Tag.{number}.Key"] = tag["Key"]
        params[f"TagSpecification.1.Tag.{number}.Value"] = tag["Value"]
    return params
