# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""An instance keeps the settings of its metadata service, shows them, and can be given others; its user data can be read back.

AWS takes them from RunInstances or the launch template and shows them with every instance; the emulator drops both.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceMetadataOptionsResponse.html
"""

from __future__ import annotations

import ministack.services.ec2 as ec2

from lab.emulator.state.instances import created_by, refusal, show

# What holds where neither launch nor account says otherwise.
_DEFAULTS = {
    "HttpTokens": "optional",
    "HttpEndpoint": "enabled",
    "HttpPutResponseHopLimit": "1",
    "HttpProtocolIpv6": "disabled",
    "InstanceMetadataTags": "disabled",
}


def _given(params, prefix):
    values = {name: ec2._p(params, prefix + name) for name in _DEFAULTS}
    return {name: value for name, value in values.items() if value}


def _options_xml(instance):
    options = _DEFAULTS | instance.get("MetadataOptions", {})
    members = "".join(
        f"<{name[0].lower()}{name[1:]}>{value}</{name[0].lower()}{name[1:]}>" for name, value in options.items()
    )
    return f"<metadataOptions><state>applied</state>{members}</metadataOptions>"


def _modify(params):
    instance_id = ec2._p(params, "InstanceId")
    instance = ec2._instances.get(instance_id)
    if not instance:
        return refusal("InvalidInstanceID.NotFound", f"The instance ID '{instance_id}' does not exist")
    instance["MetadataOptions"] = instance.get("MetadataOptions", {}) | _given(params, "")
    inner = _options_xml(instance).replace("metadataOptions", "instanceMetadataOptions")
    return ec2._xml(200, "ModifyInstanceMetadataOptionsResponse", f"<instanceId>{instance_id}</instanceId>{inner}")


def apply() -> None:
    run, attribute = ec2._ACTION_MAP["RunInstances"], ec2._ACTION_MAP["DescribeInstanceAttribute"]

    def run_with_options(params):
        answer, created = created_by(run, params)
        for instance in created:
            instance["MetadataOptions"] = _given(params, "MetadataOptions.")
        return answer

    def describe_attribute(params):
        instance = ec2._instances.get(ec2._p(params, "InstanceId"))
        if not instance or ec2._p(params, "Attribute") != "userData":
            return attribute(params)
        value = f"<userData><value>{instance['UserData']}</value></userData>" if instance["UserData"] else "<userData/>"
        inner = f"<instanceId>{instance['InstanceId']}</instanceId>{value}"
        return ec2._xml(200, "DescribeInstanceAttributeResponse", inner)

    ec2._ACTION_MAP |= {
        "RunInstances": run_with_options,
        "DescribeInstanceAttribute": describe_attribute,
        "ModifyInstanceMetadataOptions": _modify,
    }
    show(_options_xml)
