# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code


def aws_behaviour(clients) -> bool:
    """A gateway endpoint's route stands in the table, once, as long as the endpoint lives."""
    ec2 = clients("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.65.0.0/16")["Vpc"]["VpcId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    wanted = {"VpcId": vpc, "ServiceName": "com.amazonaws.me-west-1.s3", "RouteTableIds": [table]}
    endpoint = ec2.create_vpc_endpoint(**wanted)["VpcEndpoint"]["VpcEndpointId"]

    def routes():
        found = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
        return [route.get("DestinationPrefixListId") for route in found if route.get("GatewayId") == endpoint]

    prefix_lists = ec2.describe_prefix_lists()["PrefixLists"]
    s3 = [item["PrefixListId"] for item in prefix_lists if item["PrefixListName"] == wanted["ServiceName"]]
    there, again = routes(), error_code(ec2.create_vpc_endpoint, **wanted)
    ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    return there == s3 and again == "RouteAlreadyExists" and routes() == []


def test_gateway_endpoint_routes(patched_only):
    patched_only("ec2.gateway_endpoint_routes", aws_behaviour)
