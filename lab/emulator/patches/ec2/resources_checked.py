# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Every EC2 resource that a request names is checked, and the one that it makes, with the tags that it will have.

On AWS a policy must allow an EC2 action on each resource of the request: creating a subnet wants the right on the VPC and on
the new subnet (`subnet/*`, with aws:RequestTag), tagging it at the same time wants ec2:CreateTags with ec2:CreateAction. The
emulator checks one resource of the request, none that is made, and none of a kind that it doesn't list.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import ministack.services.ec2 as ec2

from lab.emulator.patches._access_checks import Check, Request, replace

# How an id begins, and the resource's type in its ARN.
_KINDS = {
    "acl": "network-acl",
    "ami": "image",
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "fl": "vpc-flow-log",
    "i": "instance",
    "igw": "internet-gateway",
    "lt": "launch-template",
    "nat": "natgateway",
    "pcx": "vpc-peering-connection",
    "rtb": "route-table",
    "sg": "security-group",
    "snap": "snapshot",
    "subnet": "subnet",
    "vol": "volume",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
}
_MADE = {
    "AllocateAddress": "elastic-ip",
    "CreateFlowLogs": "vpc-flow-log",
    "CreateInternetGateway": "internet-gateway",
    "CreateLaunchTemplate": "launch-template",
    "CreateNatGateway": "natgateway",
    "CreateNetworkAcl": "network-acl",
    "CreateNetworkInterface": "network-interface",
    "CreateRouteTable": "route-table",
    "CreateSecurityGroup": "security-group",
    "CreateSubnet": "subnet",
    "CreateVolume": "volume",
    "CreateVpc": "vpc",
    "CreateVpcEndpoint": "vpc-endpoint",
    "CreateVpcPeeringConnection": "vpc-peering-connection",
}
_ID = re.compile(rf"({'|'.join(_KINDS)})-[0-9a-f]{{8,17}}")
_TAG = re.compile(r"(TagSpecification\.\d+)\.(Tag\.\d+)\.Key")
# A peering's other side, and what a rule refers to, are no resources of the request.
# What a launch template holds is checked when something is launched.
_NOT_CHECKED = re.compile(
    r"^PeerVpcId$|^LaunchTemplateData\.|^IpPermissions\.|^SourceSecurityGroup|^Tag\.|^TagSpecification\."
)


def _associated(association: str) -> list[str]:
    """Return the ids that an association of a route table, a network ACL or an address ties together."""
    if association.startswith("eipassoc-"):
        addresses = ec2._addresses.values()
        return [address["AllocationId"] for address in addresses if address.get("AssociationId") == association]
    kinds = {"rtbassoc-": (ec2._route_tables, "RouteTable"), "aclassoc-": (ec2._network_acls, "NetworkAcl")}
    store, kind = next((kinds[prefix] for prefix in kinds if association.startswith(prefix)), ({}, ""))
    for holder in store.values():
        for tied in holder["Associations"]:
            if tied[f"{kind}AssociationId"] == association:
                return [holder[f"{kind}Id"], *([tied["SubnetId"]] if tied.get("SubnetId") else [])]
    return []


def _resources(request: Request) -> list[str]:
    """Return the ARNs of what the request names and makes; `*` for what AWS checks on no resource."""
    if request.action.startswith(("Describe", "Get", "List")):
        return ["*"]
    named = [request.param(name) for name in request.params if not _NOT_CHECKED.match(name)]
    ids = [each for name in named for each in [name, *_associated(name)]]
    found = [match for match in map(_ID.fullmatch, ids) if match]
    arns = [request.arn("ec2", f"{_KINDS[match[1]]}/{match[0]}") for match in found]
    if request.action in _MADE:
        arns.append(request.arn("ec2", f"{_MADE[request.action]}/*"))
    return list(dict.fromkeys(arns)) or ["*"]


def _tags_on_creation(request: Request) -> dict[str, dict[str, str]]:
    """By the type of what is made, the condition keys for the tags that it will have."""
    kinds: dict[str, dict[str, str]] = {}
    for name in request.params:
        if found := _TAG.fullmatch(name):
            specification, tag = found.groups()
            kind = request.param(f"{specification}.ResourceType")
            key = f"aws:RequestTag/{request.param(name)}"
            kinds.setdefault(kind, {})[key] = request.param(f"{specification}.{tag}.Value")
    return kinds


def _checks(request: Request) -> Iterator[Check]:
    made = _tags_on_creation(request)
    for arn in _resources(request):
        yield Check(arn, made.get(_MADE.get(request.action, ""), {}) if arn.endswith("/*") else {})
    for kind, keys in made.items():
        named = keys | {"ec2:CreateAction": request.action}
        yield Check(request.arn("ec2", f"{kind}/*"), named, action="ec2:CreateTags")


def apply() -> None:
    replace("ec2", _checks)
