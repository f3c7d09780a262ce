# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code


def aws_behaviour(clients) -> bool:
    """A subnet begins with the default ACL, is moved to another, which then can't be deleted."""
    ec2 = clients("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.62.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.62.0.0/24")["Subnet"]["SubnetId"]
    acl = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]

    def of_subnet():
        return ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [subnet]}])["NetworkAcls"]

    first = of_subnet()
    if len(first) != 1 or not first[0]["IsDefault"]:
        return False
    association = next(item for item in first[0]["Associations"] if item["SubnetId"] == subnet)
    ec2.replace_network_acl_association(AssociationId=association["NetworkAclAssociationId"], NetworkAclId=acl)
    moved = [item["NetworkAclId"] for item in of_subnet()] == [acl]
    return moved and error_code(ec2.delete_network_acl, NetworkAclId=acl) == "DependencyViolation"


def test_network_acl_associations(patched_only):
    patched_only("ec2.network_acl_associations", aws_behaviour)
