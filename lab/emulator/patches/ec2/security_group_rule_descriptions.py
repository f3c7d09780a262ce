# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The description of a security group's rule can be changed.

AWS has UpdateSecurityGroupRuleDescriptionsIngress and -Egress; the emulator doesn't know them.
"""

from __future__ import annotations

import ministack.services.ec2 as ec2

_SOURCES = {
    "IpRanges": "CidrIp",
    "Ipv6Ranges": "CidrIpv6",
    "PrefixListIds": "PrefixListId",
    "UserIdGroupPairs": "GroupId",
}


def _update(field):
    def update(params):
        group_id = ec2._p(params, "GroupId")
        group = ec2._security_groups.get(group_id)
        if not group:
            return ec2._error("InvalidGroup.NotFound", f"The security group '{group_id}' does not exist", 400)
        for wanted in ec2._parse_ip_permissions(params, "IpPermissions"):
            ports = [wanted.get(key) for key in ("IpProtocol", "FromPort", "ToPort")]
            for rule in group[field]:
                if [rule.get(key) for key in ("IpProtocol", "FromPort", "ToPort")] == ports:
                    _describe(rule, wanted)
        direction = "Egress" if field.endswith("Egress") else "Ingress"
        return ec2._xml(200, f"UpdateSecurityGroupRuleDescriptions{direction}Response", "<return>true</return>")

    return update


def _describe(rule, wanted):
    for source, key in _SOURCES.items():
        descriptions = {entry[key]: entry.get("Description") for entry in wanted[source]}
        for entry in rule[source]:
            if entry.get(key) in descriptions:
                entry.pop("Description", None)
                if descriptions[entry[key]]:
                    entry["Description"] = descriptions[entry[key]]


def apply() -> None:
    ec2._ACTION_MAP |= {
        "UpdateSecurityGroupRuleDescriptionsIngress": _update("IpPermissions"),
        "UpdateSecurityGroupRuleDescriptionsEgress": _update("IpPermissionsEgress"),
    }
