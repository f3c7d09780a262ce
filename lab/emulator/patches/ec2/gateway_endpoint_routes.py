# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A gateway endpoint is a route to a prefix list in each of its route tables.

AWS adds a route from the service's prefix list to the endpoint, removes it with the endpoint, and refuses a second endpoint of that
service in a route table with RouteAlreadyExists. The emulator leaves the route tables alone.
"""

from __future__ import annotations

import ministack.services.ec2 as ec2


def _prefix_list(endpoint):
    return ec2._aws_pl_id_from_name(endpoint["ServiceName"])


def _set_routes(endpoint):
    """Make the route tables say what the endpoint says."""
    endpoint_id = endpoint["VpcEndpointId"]
    for table in ec2._route_tables.values():
        table["Routes"] = [route for route in table["Routes"] if route.get("GatewayId") != endpoint_id]
        if endpoint["VpcEndpointType"] == "Gateway" and table["RouteTableId"] in endpoint["RouteTableIds"]:
            route = {"DestinationPrefixListId": _prefix_list(endpoint), "GatewayId": endpoint_id}
            table["Routes"].append(route | {"State": "active", "Origin": "CreateRoute"})


def _refusal(params):
    prefix_list = ec2._aws_pl_id_from_name(ec2._p(params, "ServiceName"))
    for table_id in ec2._parse_member_list(params, "RouteTableId"):
        table = ec2._route_tables.get(table_id)
        if not table:
            return ec2._error("InvalidRouteTableId.NotFound", f"The routeTable ID '{table_id}' does not exist", 400)
        if any(route.get("DestinationPrefixListId") == prefix_list for route in table["Routes"]):
            message = f"route table {table_id} already has a route with destination-prefix-list-id {prefix_list}"
            return ec2._error("RouteAlreadyExists", message, 400)
    return None


def apply() -> None:
    create, delete = ec2._ACTION_MAP["CreateVpcEndpoint"], ec2._ACTION_MAP["DeleteVpcEndpoints"]
    modify = ec2._ACTION_MAP["ModifyVpcEndpoint"]

    def create_routed(params):
        if refusal := _refusal(params):
            return refusal
        before = set(ec2._vpc_endpoints.keys())
        answer = create(params)
        for endpoint_id in set(ec2._vpc_endpoints.keys()) - before:
            _set_routes(ec2._vpc_endpoints[endpoint_id])
        return answer

    def modify_routed(params):
        answer = modify(params)
        if answer[0] == 200:
            _set_routes(ec2._vpc_endpoints[ec2._p(params, "VpcEndpointId")])
        return answer

    def delete_routed(params):
        for endpoint_id in ec2._parse_member_list(params, "VpcEndpointId"):
            if endpoint := ec2._vpc_endpoints.get(endpoint_id):
                _set_routes(endpoint | {"RouteTableIds": []})
        return delete(params)

    ec2._ACTION_MAP |= {
        "CreateVpcEndpoint": create_routed,
        "ModifyVpcEndpoint": modify_routed,
        "DeleteVpcEndpoints": delete_routed,
    }
