# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import base64

from botocore.exceptions import ClientError


def _shown(ec2, instance_id):
    return ec2.describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0].get(
        "MetadataOptions", {}
    )


def aws_behaviour(clients) -> bool:
    """Metadata options of the launch are shown and can be changed; user data can be read back."""
    ec2 = clients("ec2")
    options = {"HttpTokens": "required", "InstanceMetadataTags": "enabled"}
    launched = ec2.run_instances(
        ImageId="ami-0abcdef1234567890", MinCount=1, MaxCount=1, MetadataOptions=options, UserData="#!/bin/sh"
    )
    instance = launched["Instances"][0]["InstanceId"]
    before = _shown(ec2, instance)
    try:
        ec2.modify_instance_metadata_options(InstanceId=instance, HttpTokens="optional")
    except ClientError:
        return False
    after = _shown(ec2, instance)
    kept = ec2.describe_instance_attribute(InstanceId=instance, Attribute="userData")["UserData"].get("Value", "")
    ec2.terminate_instances(InstanceIds=[instance])
    return (
        (before["HttpTokens"], before["InstanceMetadataTags"], before["HttpEndpoint"])
        == ("required", "enabled", "enabled")
        and (after["HttpTokens"], after["InstanceMetadataTags"]) == ("optional", "enabled")
        and base64.b64decode(kept) == b"#!/bin/sh"
    )


def test_instance_metadata_options(patched_only):
    patched_only("ec2.instance_metadata_options", aws_behaviour)
