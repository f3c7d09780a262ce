# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.rights import ACCOUNT, allowed, user_with

OWN = {"StringEquals": {"aws:ResourceTag/platform": "kc"}}
NEW = {"StringEquals": {"aws:RequestTag/platform": "kc"}}
ON_CREATION = {"StringEquals": {"ec2:CreateAction": "CreateSubnet"}}


def _specification(platform: str) -> list[dict]:
    return [{"ResourceType": "subnet", "Tags": [{"Key": "platform", "Value": platform}]}]


def _an_association_is_checked_on_its_route_table(clients, vpc: str) -> bool:
    ec2 = clients("ec2")
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.99.0/24")["Subnet"]["SubnetId"]
    association = ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)["AssociationId"]
    arns = [f"arn:aws:ec2:*:{ACCOUNT}:route-table/{table}", f"arn:aws:ec2:*:{ACCOUNT}:subnet/{subnet}"]
    _, of_neither = user_with(clients, [{"Action": "ec2:DisassociateRouteTable", "Resource": arns[0] + "x"}])
    _, of_both = user_with(clients, [{"Action": "ec2:DisassociateRouteTable", "Resource": arns}])
    untie = {"AssociationId": association}
    return not allowed(clients("ec2", key=of_neither).disassociate_route_table, **untie) and allowed(
        clients("ec2", key=of_both).disassociate_route_table, **untie
    )


def aws_behaviour(clients) -> bool:
    """A subnet can be made with the right on its VPC and on the new subnet, and be tagged with the right to that."""
    ec2 = clients("ec2")
    own, foreign = (ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"] for _ in range(2))
    ec2.create_tags(Resources=[own], Tags=[{"Key": "platform", "Value": "kc"}])
    arn = f"arn:aws:ec2:*:{ACCOUNT}"
    create = [
        {"Action": "ec2:CreateSubnet", "Resource": f"{arn}:vpc/*", "Condition": OWN},
        {"Action": "ec2:CreateSubnet", "Resource": f"{arn}:subnet/*", "Condition": NEW},
    ]
    tag = {"Action": "ec2:CreateTags", "Resource": f"{arn}:subnet/*", "Condition": ON_CREATION}
    _, full = user_with(clients, [*create, tag])
    _, untagging = user_with(clients, create)

    def may(key, vpc: str, number: int, platform: str) -> bool:
        parameters = {"VpcId": vpc, "CidrBlock": f"10.0.{number}.0/24", "TagSpecifications": _specification(platform)}
        return allowed(clients("ec2", key=key).create_subnet, **parameters)

    return (
        _an_association_is_checked_on_its_route_table(clients, own)
        and may(full, own, 1, "kc")
        and not may(full, own, 2, "other")
        and not may(full, foreign, 3, "kc")
        and not may(untagging, own, 4, "kc")
    )


def test_ec2_resources_checked(patched_only):
    patched_only("ec2.resources_checked", aws_behaviour)
