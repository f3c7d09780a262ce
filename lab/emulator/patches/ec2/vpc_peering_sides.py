# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A peering connection tells both sides' ranges, is filtered, and is accepted in the accepter's region only.

AWS's DescribeVpcPeeringConnections filters by the two VPCs and shows their address ranges, AcceptVpcPeeringConnection works in the
accepter's region alone (OperationNotPermitted elsewhere), and a request to a VPC that doesn't exist fails. The emulator ignores
the filters, shows no range, and accepts anywhere.
"""

from __future__ import annotations

import ministack.services.ec2 as ec2
from ministack.core.responses import get_account_id, get_region

_SIDES = {"requester": "RequesterVpcInfo", "accepter": "AccepterVpcInfo"}


def _cidr(side):
    vpc = ec2._vpcs.get_scoped(side["OwnerId"], side["Region"], side["VpcId"])
    return vpc["CidrBlock"] if vpc else ""


def _matches(connection, filters):
    values = {
        "status-code": connection["Status"]["Code"],
        "vpc-peering-connection-id": connection["VpcPeeringConnectionId"],
    }
    for name, key in _SIDES.items():
        side = connection[key]
        values |= {f"{name}-vpc-info.vpc-id": side["VpcId"], f"{name}-vpc-info.owner-id": side["OwnerId"]}
        values[f"{name}-vpc-info.cidr-block"] = side.get("CidrBlock", "")
    if not ec2._resource_matches_tag_filters(connection["VpcPeeringConnectionId"], filters):
        return False
    return all(value in filters[name] for name, value in values.items() if name in filters)


def _described(connection):
    sides = ""
    for name, key in _SIDES.items():
        side, cidr = connection[key], connection[key].get("CidrBlock", "")
        sides += (
            f"<{name}VpcInfo><cidrBlock>{cidr}</cidrBlock><cidrBlockSet><item><cidrBlock>{cidr}</cidrBlock></item></cidrBlockSet>"
            f"<vpcId>{side['VpcId']}</vpcId><ownerId>{side['OwnerId']}</ownerId><region>{side['Region']}</region></{name}VpcInfo>"
        )
    status, connection_id = connection["Status"], connection["VpcPeeringConnectionId"]
    return (
        f"<item><vpcPeeringConnectionId>{connection_id}</vpcPeeringConnectionId>{sides}"
        f"<status><code>{status['Code']}</code><message>{status['Message']}</message></status>"
        f"{ec2._tag_set_xml(connection_id)}</item>"
    )


def _describe(params):
    asked, filters = ec2._parse_member_list(params, "VpcPeeringConnectionId"), ec2._parse_filters(params)
    items = "".join(
        _described(connection)
        for connection in ec2._vpc_peering.values()
        if (not asked or connection["VpcPeeringConnectionId"] in asked) and _matches(connection, filters)
    )
    inner = f"<vpcPeeringConnectionSet>{items}</vpcPeeringConnectionSet>"
    return ec2._xml(200, "DescribeVpcPeeringConnectionsResponse", inner)


def apply() -> None:
    create, accept = ec2._ACTION_MAP["CreateVpcPeeringConnection"], ec2._ACTION_MAP["AcceptVpcPeeringConnection"]

    def create_with_ranges(params):
        owner = ec2._p(params, "PeerOwnerId") or get_account_id()
        peer = {
            "VpcId": ec2._p(params, "PeerVpcId"),
            "OwnerId": owner,
            "Region": ec2._p(params, "PeerRegion") or get_region(),
        }
        if not _cidr(peer):
            message = f"The vpc ID '{peer['VpcId']}' does not exist"
            return ec2._error("InvalidVpcID.NotFound", message, 400)
        before = set(ec2._vpc_peering.keys())
        answer = create(params)
        for connection_id in set(ec2._vpc_peering.keys()) - before:
            record = ec2._vpc_peering[connection_id]
            ranges = {key: _cidr(record[key]) for key in _SIDES.values()}
            for account_id, region in ec2._vpc_peering_scopes(record):
                scoped = ec2._vpc_peering.get_scoped(account_id, region, connection_id)
                for key, cidr in ranges.items():
                    scoped[key]["CidrBlock"] = cidr
        return answer

    def accept_as_accepter(params):
        connection = ec2._vpc_peering.get(ec2._p(params, "VpcPeeringConnectionId"))
        if connection and connection["AccepterVpcInfo"]["Region"] != get_region():
            connection_id, region = connection["VpcPeeringConnectionId"], connection["AccepterVpcInfo"]["Region"]
            message = f"Incorrect region ( {get_region()} ) specified for this request.VPC peering connection {connection_id} must "
            return ec2._error("OperationNotPermitted", f"{message}be accepted in region {region}", 400)
        return accept(params)

    ec2._ACTION_MAP |= {
        "CreateVpcPeeringConnection": create_with_ranges,
        "AcceptVpcPeeringConnection": accept_as_accepter,
        "DescribeVpcPeeringConnections": _describe,
    }
