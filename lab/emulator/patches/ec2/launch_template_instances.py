# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""RunInstances launches from a launch template, and with the network interface that a request or a template describes.

What the request says itself goes before the template; tags of both are joined. AWS refuses a template or a version that is not
there. The emulator knows neither parameter and launches an empty instance in the default subnet.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
"""

from __future__ import annotations

import ministack.services.ec2 as ec2

from lab.emulator.state.instances import created_by, refusal

_SIMPLE = ("ImageId", "InstanceType", "KeyName", "UserData")


def _template(params):
    """Return the data of the template that a request names (empty: none), or the refusal."""
    spec = {
        key: ec2._p(params, f"LaunchTemplate.{key}") for key in ("LaunchTemplateId", "LaunchTemplateName", "Version")
    }
    if not spec["LaunchTemplateId"] and not spec["LaunchTemplateName"]:
        return {}, None
    data, template, problem = ec2._resolve_launch_template_data(spec)
    if problem:
        return {}, problem
    version = spec["Version"]
    if version.isdigit() and int(version) not in [item["VersionNumber"] for item in template["Versions"]]:
        message = f"Could not find the specified version {version} for the launch template"
        return {}, refusal("InvalidLaunchTemplateId.VersionNotFound", message)
    return data, None


def _numbered(name, values):
    return {f"{name}.{number}": value for number, value in enumerate(values, 1)}


def _as_parameters(data):
    """Return a template's data as RunInstances takes it."""
    flat = {name: data[name] for name in _SIMPLE if data.get(name)}
    flat |= _numbered("SecurityGroupId", data.get("SecurityGroupIds", []))
    flat |= {f"IamInstanceProfile.{key}": value for key, value in data.get("IamInstanceProfile", {}).items()}
    flat |= {f"MetadataOptions.{key}": str(value) for key, value in data.get("MetadataOptions", {}).items()}
    for interface in data.get("NetworkInterfaces", [])[:1]:
        if "SubnetId" in interface:
            flat["NetworkInterface.1.SubnetId"] = interface["SubnetId"]
        if "AssociatePublicIpAddress" in interface:
            flat["NetworkInterface.1.AssociatePublicIpAddress"] = str(interface["AssociatePublicIpAddress"]).lower()
        flat |= _numbered("NetworkInterface.1.SecurityGroupId", interface.get("Groups", []))
    return flat


def _group(key):
    """Return what a parameter's presence in a request replaces: `SecurityGroupId.1` all groups, a member only itself."""
    return key.rstrip("0123456789").rstrip(".")


def _merged(params, data):
    given = {_group(key) for key in params}
    return params | {key: value for key, value in _as_parameters(data).items() if _group(key) not in given}


def _flattened(params):
    """Put the first network interface's subnet and groups where a request without interfaces has them."""
    flat = dict(params)
    if ec2._p(params, "NetworkInterface.1.SubnetId"):
        flat.setdefault("SubnetId", params["NetworkInterface.1.SubnetId"])
    groups = ec2._parse_member_list(params, "NetworkInterface.1.SecurityGroupId")
    if groups and not ec2._p(params, "SecurityGroupId.1"):
        flat |= _numbered("SecurityGroupId", groups)
    return flat


def _tag(instances, data):
    """Tags of the template on the instances, where the request gives no other value."""
    for specification in data.get("TagSpecifications", []):
        for instance in instances if specification["ResourceType"] == "instance" else ():
            own = ec2._tags.setdefault(instance["InstanceId"], [])
            own += [dict(tag) for tag in specification["Tags"] if tag["Key"] not in [item["Key"] for item in own]]


def apply() -> None:
    run = ec2._ACTION_MAP["RunInstances"]

    def run_from_template(params):
        data, problem = _template(params)
        if problem:
            return problem
        answer, created = created_by(run, _flattened(_merged(params, data)))
        _tag(created, data)
        return answer

    ec2._ACTION_MAP["RunInstances"] = run_from_template
