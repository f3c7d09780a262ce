# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What is in use can't be deleted: a VPC is taken down in AWS's order or not at all.

AWS answers DependencyViolation (or a code of its own) for a security group that another names or an endpoint uses, a subnet with a
NAT gateway or an endpoint in it, a route table with subnets, an attached internet gateway, a VPC that still holds any of
these, and InvalidIPAddress.InUse for an address of a living NAT gateway. The emulator checks a few of these for the VPC alone.
"""

from __future__ import annotations

import ministack.services.ec2 as ec2


def _alive(nat):
    return nat["State"] in ("available", "pending", "deleting")


def _violation(kind, identifier, why):
    return ec2._error(
        "DependencyViolation", f"The {kind} '{identifier}' has dependencies and cannot be deleted. ({why})", 400
    )


def _group_in_use(group_id):
    for group in ec2._security_groups.values():
        for rule in [*group["IpPermissions"], *group["IpPermissionsEgress"]]:
            pairs = [pair for pair in rule["UserIdGroupPairs"] if isinstance(pair, dict)]
            if group["GroupId"] != group_id and any(pair.get("GroupId") == group_id for pair in pairs):
                return f"{group['GroupName']} refers to it"
    users = [
        endpoint["VpcEndpointId"] for endpoint in ec2._vpc_endpoints.values() if group_id in endpoint.get("Groups", [])
    ]
    users += [
        interface["NetworkInterfaceId"]
        for interface in ec2._network_interfaces.values()
        if any(group.get("GroupId") == group_id for group in interface.get("Groups", []))
    ]
    return f"{users[0]} uses it" if users else None


def _subnet_in_use(subnet_id):
    users = [nat["NatGatewayId"] for nat in ec2._nat_gateways.values() if _alive(nat) and nat["SubnetId"] == subnet_id]
    users += [item["VpcEndpointId"] for item in ec2._vpc_endpoints.values() if subnet_id in item.get("SubnetIds", [])]
    users += [item["NetworkInterfaceId"] for item in ec2._network_interfaces.values() if item["SubnetId"] == subnet_id]
    return f"{users[0]} is in it" if users else None


def _table_in_use(table_id):
    associations = ec2._route_tables.get(table_id, {}).get("Associations", [])
    return "subnets use it" if associations else None


def _gateway_in_use(gateway_id):
    attachments = ec2._internet_gateways.get(gateway_id, {}).get("Attachments")
    return f"attached to {attachments[0]['VpcId']}" if attachments else None


def _vpc_in_use(vpc_id):
    users = [nat["NatGatewayId"] for nat in ec2._nat_gateways.values() if _alive(nat) and nat["VpcId"] == vpc_id]
    users += [item["VpcEndpointId"] for item in ec2._vpc_endpoints.values() if item["VpcId"] == vpc_id]
    users += [
        acl["NetworkAclId"] for acl in ec2._network_acls.values() if acl["VpcId"] == vpc_id and not acl["IsDefault"]
    ]
    users += [
        table["RouteTableId"]
        for table in ec2._route_tables.values()
        if table["VpcId"] == vpc_id and not any(item.get("Main") for item in table["Associations"])
    ]
    users += [
        connection["VpcPeeringConnectionId"]
        for connection in ec2._vpc_peering.values()
        if connection["Status"]["Code"] in ("active", "pending-acceptance")
        and vpc_id in (connection["RequesterVpcInfo"]["VpcId"], connection["AccepterVpcInfo"]["VpcId"])
    ]
    return f"{users[0]} is in it" if users else None


_CHECKS = {
    "DeleteSecurityGroup": ("GroupId", "resource", _group_in_use),
    "DeleteSubnet": ("SubnetId", "subnet", _subnet_in_use),
    "DeleteRouteTable": ("RouteTableId", "routeTable", _table_in_use),
    "DeleteInternetGateway": ("InternetGatewayId", "internetGateway", _gateway_in_use),
    "DeleteVpc": ("VpcId", "vpc", _vpc_in_use),
}


def _checked(action, parameter, kind, in_use):
    def delete(params):
        identifier = ec2._p(params, parameter)
        why = in_use(identifier)
        return _violation(kind, identifier, why) if why else action(params)

    return delete


def apply() -> None:
    for name, (parameter, kind, in_use) in _CHECKS.items():
        ec2._ACTION_MAP[name] = _checked(ec2._ACTION_MAP[name], parameter, kind, in_use)
    detach, release = ec2._ACTION_MAP["DetachInternetGateway"], ec2._ACTION_MAP["ReleaseAddress"]

    def detach_unused(params):
        vpc_id = ec2._p(params, "VpcId")
        if any(_alive(nat) and nat["VpcId"] == vpc_id for nat in ec2._nat_gateways.values()):
            message = (
                f"Network {vpc_id} has some mapped public address(es). Please unmap those before detaching the gateway."
            )
            return ec2._error("DependencyViolation", message, 400)
        return detach(params)

    def release_unused(params):
        address = ec2._addresses.get(ec2._p(params, "AllocationId"))
        if address and address.get("AssociationId"):
            message = f"Address {address['PublicIp']} is in use."
            return ec2._error("InvalidIPAddress.InUse", message, 400)
        return release(params)

    ec2._ACTION_MAP |= {"DetachInternetGateway": detach_unused, "ReleaseAddress": release_unused}
