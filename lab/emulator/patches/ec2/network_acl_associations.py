# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Every subnet is associated with exactly one network ACL, and associations say with which subnet.

On AWS a new subnet is associated with the VPC's default network ACL, ReplaceNetworkAclAssociation moves it, DescribeNetworkAcls
filters by association, and a network ACL that is in use can't be deleted. The emulator associates no new subnet, forgets the
subnet when it is moved, ignores the filters and deletes what is in use.
"""

from __future__ import annotations

import secrets

import ministack.services.ec2 as ec2


def _associate(acl, subnet_id):
    association = {"NetworkAclAssociationId": f"aclassoc-{secrets.token_hex(9)[:17]}", "SubnetId": subnet_id}
    acl["Associations"].append(association)
    return association["NetworkAclAssociationId"]


def _drop_subnet(subnet_id):
    for acl in ec2._network_acls.values():
        acl["Associations"] = [item for item in acl["Associations"] if item["SubnetId"] != subnet_id]


def _matches(acl, filters):
    values = {
        "network-acl-id": {acl["NetworkAclId"]},
        "association.network-acl-id": {acl["NetworkAclId"]} if acl["Associations"] else set(),
        "association.association-id": {item["NetworkAclAssociationId"] for item in acl["Associations"]},
        "association.subnet-id": {item["SubnetId"] for item in acl["Associations"]},
    }
    return all(found & set(filters[name]) for name, found in values.items() if name in filters)


def _replace_association(params):
    association_id, acl_id = ec2._p(params, "AssociationId"), ec2._p(params, "NetworkAclId")
    if acl_id not in ec2._network_acls:
        return ec2._error("InvalidNetworkAclID.NotFound", f"The network ACL '{acl_id}' does not exist", 400)
    for acl in ec2._network_acls.values():
        for item in acl["Associations"]:
            if item["NetworkAclAssociationId"] == association_id:
                acl["Associations"].remove(item)
                new = _associate(ec2._network_acls[acl_id], item["SubnetId"])
                inner = f"<newAssociationId>{new}</newAssociationId>"
                return ec2._xml(200, "ReplaceNetworkAclAssociationResponse", inner)
    message = f"The association ID '{association_id}' does not exist"
    return ec2._error("InvalidAssociationID.NotFound", message, 400)


def apply() -> None:
    create_subnet, delete_subnet = ec2._ACTION_MAP["CreateSubnet"], ec2._ACTION_MAP["DeleteSubnet"]
    describe, delete = ec2._ACTION_MAP["DescribeNetworkAcls"], ec2._ACTION_MAP["DeleteNetworkAcl"]

    def create_subnet_associated(params):
        before = set(ec2._subnets.keys())
        answer = create_subnet(params)
        for subnet_id in set(ec2._subnets.keys()) - before:
            vpc_id = ec2._subnets[subnet_id]["VpcId"]
            acls = [acl for acl in ec2._network_acls.values() if acl["VpcId"] == vpc_id and acl["IsDefault"]]
            for acl in acls[:1]:
                _associate(acl, subnet_id)
        return answer

    def delete_subnet_dissociated(params):
        answer = delete_subnet(params)
        if answer[0] == 200:
            _drop_subnet(ec2._p(params, "SubnetId"))
        return answer

    def describe_filtered(params):
        filters = ec2._parse_filters(params)
        asked = ec2._parse_member_list(params, "NetworkAclId")
        found = [
            acl["NetworkAclId"]
            for acl in ec2._network_acls.values()
            if _matches(acl, filters) and (not asked or acl["NetworkAclId"] in asked)
        ]
        if not found:
            return ec2._xml(200, "DescribeNetworkAclsResponse", "<networkAclSet/>")
        narrowed = {key: value for key, value in params.items() if not key.startswith("NetworkAclId.")}
        return describe(narrowed | {f"NetworkAclId.{n}": [acl_id] for n, acl_id in enumerate(found, 1)})

    def delete_unused(params):
        acl = ec2._network_acls.get(ec2._p(params, "NetworkAclId"))
        if acl and acl["Associations"]:
            message = f"network acl {acl['NetworkAclId']} has dependencies and cannot be deleted"
            return ec2._error("DependencyViolation", message, 400)
        return delete(params)

    ec2._ACTION_MAP |= {
        "CreateSubnet": create_subnet_associated,
        "DeleteSubnet": delete_subnet_dissociated,
        "DescribeNetworkAcls": describe_filtered,
        "DeleteNetworkAcl": delete_unused,
        "ReplaceNetworkAclAssociation": _replace_association,
    }
