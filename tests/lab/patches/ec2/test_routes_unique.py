# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code


def aws_behaviour(clients) -> bool:
    """One route a destination, replaced by any kind of target, a blackhole once its target is gone."""
    here, there = clients("ec2"), clients("ec2", "eu-central-1")
    own = here.create_vpc(CidrBlock="10.72.0.0/16")["Vpc"]["VpcId"]
    peer = there.create_vpc(CidrBlock="10.73.0.0/16")["Vpc"]["VpcId"]
    asked = here.create_vpc_peering_connection(VpcId=own, PeerVpcId=peer, PeerRegion="eu-central-1")
    connection = asked["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    there.accept_vpc_peering_connection(VpcPeeringConnectionId=connection)
    gateway = here.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    here.attach_internet_gateway(InternetGatewayId=gateway, VpcId=own)
    table = here.create_route_table(VpcId=own)["RouteTable"]["RouteTableId"]
    route = {"RouteTableId": table, "DestinationCidrBlock": "10.73.0.0/16"}
    here.create_route(GatewayId=gateway, **route)
    again = error_code(here.create_route, GatewayId=gateway, **route)
    here.replace_route(VpcPeeringConnectionId=connection, **route)

    def found():
        routes = here.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
        return [
            (item.get("VpcPeeringConnectionId"), item["State"]) for item in routes if item.get("GatewayId") != "local"
        ]

    before = found()
    here.delete_vpc_peering_connection(VpcPeeringConnectionId=connection)
    return (
        again == "RouteAlreadyExists" and before == [(connection, "active")] and found() == [(connection, "blackhole")]
    )


def test_routes_unique(patched_only):
    patched_only("ec2.routes_unique", aws_behaviour)
