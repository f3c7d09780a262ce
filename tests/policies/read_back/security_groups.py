# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Security groups as they are."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

from tests.policies.template import Properties, Resource, chosen

# What CloudFormation calls the other end of a rule.
_SOURCE = {
    "CidrIp": "CidrIp",
    "CidrIpv6": "CidrIpv6",
    "PrefixListId": "SourcePrefixListId",
    "GroupId": "SourceSecurityGroupId",
}
_DESTINATION = _SOURCE | {"PrefixListId": "DestinationPrefixListId", "GroupId": "DestinationSecurityGroupId"}
_ENDS = ("IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs")


def security_groups(ec2: t.Any, prefix: str) -> Iterator[Resource]:
    """The groups of the VPCs whose names begin so, also the default one, which no template makes."""
    vpcs = ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": [f"{prefix}*"]}])["Vpcs"]
    if not vpcs:
        return
    in_them = [{"Name": "vpc-id", "Values": [vpc["VpcId"] for vpc in vpcs]}]
    for group in ec2.describe_security_groups(Filters=in_them)["SecurityGroups"]:
        properties = chosen(group, "GroupName", "VpcId") | {
            "GroupDescription": group["Description"],
            "SecurityGroupIngress": list(_rules(group["IpPermissions"], _SOURCE)),
            "SecurityGroupEgress": list(_rules(group["IpPermissionsEgress"], _DESTINATION)),
        }
        yield Resource("AWS::EC2::SecurityGroup", group["GroupName"], properties)


def _rules(permissions: list[Properties], names: dict[str, str]) -> Iterator[Properties]:
    """One rule for each other end, as templates have them."""
    for permission in permissions:
        for end in (end for ends in _ENDS for end in permission.get(ends, [])):
            rule = chosen(permission, "IpProtocol", "FromPort", "ToPort") | chosen(end, "Description")
            yield rule | {names[key]: value for key, value in end.items() if key in names}
