# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Instances as they are."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

from tests.policies.template import Resource, chosen

_ALIVE = ["pending", "running", "stopping", "stopped"]


def instances(ec2: t.Any, prefix: str) -> Iterator[Resource]:
    """The instances whose names begin so, named by their identifiers, since those of a group share a name."""
    wanted = [
        {"Name": "tag:Name", "Values": [f"{prefix}*"]},
        {"Name": "instance-state-name", "Values": _ALIVE},
    ]
    for reservation in ec2.describe_instances(Filters=wanted)["Reservations"]:
        for instance in reservation["Instances"]:
            identifier = instance["InstanceId"]
            answer = ec2.describe_instance_attribute(InstanceId=identifier, Attribute="userData")
            interface = {"DeviceIndex": "0", "AssociatePublicIpAddress": bool(instance.get("PublicIpAddress"))}
            properties = chosen(instance, "ImageId", "InstanceType") | {
                "NetworkInterfaces": [interface],
                "UserData": answer["UserData"].get("Value", ""),
            }
            yield Resource("AWS::EC2::Instance", identifier, properties)
