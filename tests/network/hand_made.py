# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Two small networks written by hand, as AWS would describe them, and the matrix that they fulfil.

Nothing here comes from the role's own filters: the evaluator must be right by itself.
"""

from __future__ import annotations

import typing as t

MATRIX: dict[str, t.Any] = {
    "classes": {
        "public": {"open_within": False, "internet": "gateway"},
        "private": {"open_within": True, "internet": "nat"},
        "data": {"open_within": False, "internet": "none"},
    },
    "tiers": {"alb": {"class": "public"}, "api": {"class": "private"}, "database": {"class": "data"}},
    "flows": [
        {"from": ["internet"], "to": ["alb"], "ports": [443]},
        {"from": ["alb"], "to": ["api"], "ports": [8080]},
        {"from": ["api"], "to": ["database"], "ports": [3306]},
        {"from": ["api"], "to": ["s3"], "ports": [443]},
        {"from": ["api"], "to": ["internet"], "ports": [443]},
        {"from": ["database"], "to": ["database"], "ports": [3306], "peering": True},
    ],
}
PREFIX_LIST = "pl-s3"
ANYWHERE = "0.0.0.0/0"
NAMES = {"west": "net-west", "east": "net-east"}


def _rule(first: int, last: int | None = None, **target: t.Any) -> dict[str, t.Any]:
    return {"IpProtocol": "tcp", "FromPort": first, "ToPort": last or first, **target}


def _from_group(group: str) -> dict[str, t.Any]:
    return {"UserIdGroupPairs": [{"GroupId": group}]}


def _from_range(cidr: str) -> dict[str, t.Any]:
    return {"IpRanges": [{"CidrIp": cidr}]}


def _acl(name: str, subnets: list[str], ingress: list[tuple], egress: list[tuple]) -> dict[str, t.Any]:
    entries = []
    for is_egress, rows in ((False, ingress), (True, egress)):
        for number, (cidr, first, last, *action) in enumerate(rows, 1):
            entry = {"RuleNumber": number * 10, "Protocol": "6", "RuleAction": "allow", "Egress": is_egress}
            entry |= {"RuleAction": action[0]} if action else {}
            entries.append(entry | {"CidrBlock": cidr, "PortRange": {"From": first, "To": last}})
        entries.append(
            {"RuleNumber": 32767, "Protocol": "-1", "RuleAction": "deny", "Egress": is_egress, "CidrBlock": ANYWHERE}
        )
    associations = [{"NetworkAclAssociationId": f"assoc-{subnet}", "SubnetId": subnet} for subnet in subnets]
    return {"NetworkAclId": f"acl-{name}", "Entries": entries, "Associations": associations}


def _table(name: str, subnets: list[str], routes: list[dict[str, t.Any]]) -> dict[str, t.Any]:
    return {
        "RouteTableId": f"rtb-{name}",
        "Routes": [route | {"State": "active"} for route in routes],
        "Associations": [{"SubnetId": subnet, "Main": False} for subnet in subnets],
    }


def region(name: str, number: int, peer_number: int) -> dict[str, t.Any]:
    """The network of one region, 10.<number>.0.0/16."""
    net, peer = f"10.{number}", f"10.{peer_number}"
    public, private, data, peer_data = f"{net}.0.0/24", f"{net}.16.0/20", f"{net}.1.0/24", f"{peer}.1.0/24"

    def subnet(label: str, cidr: str) -> dict[str, t.Any]:
        return {
            "SubnetId": f"subnet-{name}-{label}",
            "CidrBlock": cidr,
            "Tags": [{"Key": "Name", "Value": f"net-{name}-{label}"}],
        }

    def group(tier: str, ingress: list, egress: list) -> dict[str, t.Any]:
        return {
            "GroupId": f"sg-{name}-{tier}",
            "GroupName": f"net-{name}-{tier}",
            "IpPermissions": ingress,
            "IpPermissionsEgress": egress,
        }

    def sg(tier: str) -> dict[str, t.Any]:
        return _from_group(f"sg-{name}-{tier}")

    local = {"DestinationCidrBlock": f"{net}.0.0/16", "GatewayId": "local"}
    across = {"DestinationCidrBlock": f"{peer}.0.0/16", "VpcPeeringConnectionId": "pcx-1"}
    s3 = {"DestinationPrefixListId": PREFIX_LIST, "GatewayId": f"vpce-{name}"}
    subnets = {label: f"subnet-{name}-{label}" for label in ("public-a", "private-a", "private-b", "data-a")}
    clients = (1024, 65535)
    return {
        "Vpc": {"VpcId": f"vpc-{name}", "CidrBlock": f"{net}.0.0/16"},
        "Subnets": [
            subnet("public-a", public),
            subnet("private-a", f"{net}.16.0/24"),
            subnet("private-b", f"{net}.17.0/24"),
            subnet("data-a", data),
        ],
        "SecurityGroups": [
            group("alb", [_rule(443, **_from_range(ANYWHERE))], [_rule(8080, **sg("api"))]),
            group(
                "api",
                [_rule(8080, **sg("alb"))],
                [
                    _rule(3306, **sg("database")),
                    _rule(443, PrefixListIds=[{"PrefixListId": PREFIX_LIST}]),
                    _rule(443, **_from_range(ANYWHERE)),
                ],
            ),
            group(
                "database",
                [_rule(3306, **sg("api")), _rule(3306, **_from_range(peer_data))],
                [_rule(3306, **_from_range(peer_data))],
            ),
        ],
        "NetworkAcls": [
            _acl(
                f"{name}-public",
                [subnets["public-a"]],
                [(ANYWHERE, 443, 443), (ANYWHERE, *clients)],
                [(ANYWHERE, 443, 443), (ANYWHERE, *clients)],
            ),
            _acl(
                f"{name}-private",
                [subnets["private-a"], subnets["private-b"]],
                [(ANYWHERE, *clients)],
                # Without the denials the API would reach the load balancers as part of the internet.
                [
                    (data, 3306, 3306),
                    (public, *clients),
                    (f"{net}.0.0/16", 0, 65535, "deny"),
                    (f"{peer}.0.0/16", 0, 65535, "deny"),
                    (ANYWHERE, 443, 443),
                ],
            ),
            _acl(
                f"{name}-data",
                [subnets["data-a"]],
                [(private, 3306, 3306), (peer_data, *clients)],
                [(private, *clients), (peer_data, *clients)],
            ),
        ],
        "RouteTables": [
            _table(
                f"{name}-public",
                [subnets["public-a"]],
                [local, {"DestinationCidrBlock": ANYWHERE, "GatewayId": f"igw-{name}"}],
            ),
            _table(
                f"{name}-private",
                [subnets["private-a"], subnets["private-b"]],
                [local, {"DestinationCidrBlock": ANYWHERE, "NatGatewayId": f"nat-{name}"}, across, s3],
            ),
            _table(f"{name}-data", [subnets["data-a"]], [local, across, s3]),
        ],
        "NatGateways": [{"NatGatewayId": f"nat-{name}", "SubnetId": subnets["public-a"], "State": "available"}],
        "InternetGateways": [{"InternetGatewayId": f"igw-{name}", "Attachments": [{"VpcId": f"vpc-{name}"}]}],
        "VpcEndpoints": [{"VpcEndpointId": f"vpce-{name}", "State": "available"}],
        "VpcPeeringConnections": [
            {
                "VpcPeeringConnectionId": "pcx-1",
                "Status": {"Code": "active"},
                "RequesterVpcInfo": {"VpcId": "vpc-west"},
                "AccepterVpcInfo": {"VpcId": "vpc-east"},
            }
        ],
        "PrefixLists": [
            {"PrefixListId": PREFIX_LIST, "PrefixListName": f"com.amazonaws.{name}.s3", "Cidrs": ["100.64.1.0/24"]},
            {"PrefixListId": "pl-ddb", "PrefixListName": f"com.amazonaws.{name}.dynamodb", "Cidrs": ["100.65.1.0/24"]},
        ],
    }


def both() -> dict[str, dict[str, t.Any]]:
    return {"west": region("west", 1, 2), "east": region("east", 2, 1)}
