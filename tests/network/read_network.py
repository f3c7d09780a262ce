# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read what AWS says of one region's network, with plain boto3: not through the modules that built it."""

from __future__ import annotations

import typing as t


def read_network(ec2: t.Any, name: str) -> dict[str, t.Any]:
    """The state of the VPC with this Name tag, as flow_evaluator.Region takes it."""
    vpcs = ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": [name]}])["Vpcs"]
    if len(vpcs) != 1:
        raise LookupError(f"{len(vpcs)} VPCs are named {name}")
    in_vpc = [{"Name": "vpc-id", "Values": [vpcs[0]["VpcId"]]}]
    attached = [{"Name": "attachment.vpc-id", "Values": [vpcs[0]["VpcId"]]}]
    return {
        "Vpc": vpcs[0],
        "Subnets": ec2.describe_subnets(Filters=in_vpc)["Subnets"],
        "SecurityGroups": ec2.describe_security_groups(Filters=in_vpc)["SecurityGroups"],
        "NetworkAcls": ec2.describe_network_acls(Filters=in_vpc)["NetworkAcls"],
        "RouteTables": ec2.describe_route_tables(Filters=in_vpc)["RouteTables"],
        "NatGateways": ec2.describe_nat_gateways(Filter=in_vpc)["NatGateways"],
        "InternetGateways": ec2.describe_internet_gateways(Filters=attached)["InternetGateways"],
        "VpcEndpoints": ec2.describe_vpc_endpoints(Filters=in_vpc)["VpcEndpoints"],
        "VpcPeeringConnections": ec2.describe_vpc_peering_connections()["VpcPeeringConnections"],
        "PrefixLists": ec2.describe_prefix_lists()["PrefixLists"],
    }
