# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A route table has one route a destination, and a route says when its target is gone.

AWS answers a second CreateRoute for a destination with RouteAlreadyExists, replaces a target by any other kind, and shows a
route to a deleted NAT gateway, internet gateway or peering connection as a blackhole. The emulator adds a second route,
replaces by three kinds only, and calls every route active.
"""

from __future__ import annotations

import ministack.services.ec2 as ec2

_TARGETS = (
    "GatewayId",
    "NatGatewayId",
    "InstanceId",
    "VpcPeeringConnectionId",
    "TransitGatewayId",
    "NetworkInterfaceId",
)


def _gone(route):
    nat, peering = route.get("NatGatewayId"), route.get("VpcPeeringConnectionId")
    gateway = route.get("GatewayId") or ""
    if nat:
        return ec2._nat_gateways.get(nat, {}).get("State") not in ("available", "pending")
    if peering:
        return ec2._vpc_peering.get(peering, {}).get("Status", {}).get("Code") != "active"
    return gateway.startswith("igw-") and not ec2._internet_gateways.get(gateway, {}).get("Attachments")


def _route(params):
    table = ec2._route_tables.get(ec2._p(params, "RouteTableId"))
    destination = ec2._p(params, "DestinationCidrBlock")
    routes = table["Routes"] if table else []
    return next((route for route in routes if destination and route.get("DestinationCidrBlock") == destination), None)


def _replace(params):
    route = _route(params)
    if route is None:
        message = f"There is no route defined for '{ec2._p(params, 'DestinationCidrBlock')}' in the route table."
        return ec2._error("InvalidParameterValue", message, 400)
    for target in _TARGETS:
        route.pop(target, None)
        if ec2._p(params, target):
            route[target] = ec2._p(params, target)
    return ec2._xml(200, "ReplaceRouteResponse", "<return>true</return>")


def apply() -> None:
    create, delete, fields = ec2._ACTION_MAP["CreateRoute"], ec2._ACTION_MAP["DeleteRoute"], ec2._rtb_fields_xml

    def create_once(params):
        if _route(params):
            message = f"The route identified by {ec2._p(params, 'DestinationCidrBlock')} already exists."
            return ec2._error("RouteAlreadyExists", message, 400)
        return create(params)

    def delete_known(params):
        if ec2._p(params, "RouteTableId") in ec2._route_tables and _route(params) is None:
            message = f"no route with destination-cidr-block {ec2._p(params, 'DestinationCidrBlock')} in route table"
            return ec2._error("InvalidRoute.NotFound", message, 400)
        return delete(params)

    def fields_with_state(table, tag="item"):
        routes = [route | {"State": "blackhole" if _gone(route) else "active"} for route in table["Routes"]]
        return fields(table | {"Routes": routes}, tag)

    ec2._ACTION_MAP |= {"CreateRoute": create_once, "ReplaceRoute": _replace, "DeleteRoute": delete_known}
    ec2._rtb_fields_xml = fields_with_state
