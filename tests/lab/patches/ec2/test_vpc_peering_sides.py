# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code


def aws_behaviour(clients) -> bool:
    """A connection shows both ranges, is filtered by its VPCs, and only the accepter's region accepts it."""
    here, there = clients("ec2"), clients("ec2", "eu-central-1")
    own = here.create_vpc(CidrBlock="10.67.0.0/16")["Vpc"]["VpcId"]
    peer = there.create_vpc(CidrBlock="10.68.0.0/16")["Vpc"]["VpcId"]
    asked = here.create_vpc_peering_connection(VpcId=own, PeerVpcId=peer, PeerRegion="eu-central-1")
    connection = asked["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    wrong_side = error_code(here.accept_vpc_peering_connection, VpcPeeringConnectionId=connection)
    there.accept_vpc_peering_connection(VpcPeeringConnectionId=connection)

    def found(vpc):
        filters = [{"Name": "requester-vpc-info.vpc-id", "Values": [vpc]}]
        return here.describe_vpc_peering_connections(Filters=filters)["VpcPeeringConnections"]

    ranges = [found(own)[0][side].get("CidrBlock") for side in ("RequesterVpcInfo", "AccepterVpcInfo")]
    nobody = error_code(here.create_vpc_peering_connection, VpcId=own, PeerVpcId="vpc-0", PeerRegion="eu-central-1")
    return (
        ranges == ["10.67.0.0/16", "10.68.0.0/16"]
        and found("vpc-0") == []
        and wrong_side == "OperationNotPermitted"
        and nobody == "InvalidVpcID.NotFound"
    )


def test_vpc_peering_sides(patched_only):
    patched_only("ec2.vpc_peering_sides", aws_behaviour)
