# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""DescribeInstances filters by network, address, profile and id as well, and by wildcards.

AWS refuses a filter that it doesn't know (InvalidParameterValue); the emulator ignores all but three and the tags', and so returns
instances of other networks.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

import ministack.services.ec2 as ec2

from lab.emulator.state.instances import refusal

_VALUES = {
    "architecture": lambda instance: [instance["Architecture"]],
    "availability-zone": lambda instance: [instance["Placement"]["AvailabilityZone"]],
    "iam-instance-profile.arn": lambda instance: [(instance.get("IamInstanceProfile") or {}).get("Arn", "")],
    "image-id": lambda instance: [instance["ImageId"]],
    "instance-id": lambda instance: [instance["InstanceId"]],
    "instance-state-code": lambda instance: [str(instance["State"]["Code"])],
    "instance-state-name": lambda instance: [instance["State"]["Name"]],
    "instance-type": lambda instance: [instance["InstanceType"]],
    "instance.group-id": lambda instance: [group["GroupId"] for group in instance["SecurityGroups"]],
    "network-interface.network-interface-id": lambda instance: [instance.get("_interface", "")],
    "network-interface.subnet-id": lambda instance: [instance["SubnetId"]],
    "private-dns-name": lambda instance: [instance["PrivateDnsName"]],
    "private-ip-address": lambda instance: [instance["PrivateIpAddress"]],
    "subnet-id": lambda instance: [instance["SubnetId"]],
    "vpc-id": lambda instance: [instance["VpcId"]],
    "tag-key": lambda instance: [tag["Key"] for tag in ec2._tags.get(instance["InstanceId"], [])],
}


def _known(name):
    return name in _VALUES or name.startswith("tag:")


def _values(instance, name):
    if name in _VALUES:
        return _VALUES[name](instance)
    tags = ec2._tags.get(instance["InstanceId"], [])
    return [tag["Value"] for tag in tags if f"tag:{tag['Key']}" == name]


def _matches(instance, filters):
    return all(
        any(fnmatchcase(value, pattern) for value in _values(instance, name) for pattern in patterns)
        for name, patterns in filters.items()
    )


def apply() -> None:
    describe, ec2._matches_filters = ec2._ACTION_MAP["DescribeInstances"], _matches

    def describe_known(params):
        for name in ec2._parse_filters(params):
            if not _known(name):
                return refusal("InvalidParameterValue", f"The filter '{name}' is invalid")
        return describe(params)

    ec2._ACTION_MAP["DescribeInstances"] = describe_known
