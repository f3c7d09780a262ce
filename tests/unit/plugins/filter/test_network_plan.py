# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The plan on a network as the info modules of amazon.aws return it: nothing to do on a built one, one thing for each drift."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.knowledgecity.platform.plugins.filter.network_blueprint import network_blueprint
from ansible_collections.knowledgecity.platform.plugins.filter.network_plan import network_plan

CHECKOUT = Path(__file__).resolve().parents[4]
NAME = "kc-test-me-west-1-network"
VPC = "vpc-1"


def _settings(**changed):
    settings = {
        "name": NAME,
        "region": "me-west-1",
        "cidr": "10.10.0.0/16",
        "zones": ["me-west-1a", "me-west-1b", "me-west-1c"],
        "peers": [{"cidr": "10.20.0.0/16"}],
        "nat_per_zone": True,
        "flow_matrix": yaml.safe_load((CHECKOUT / "roles/network/files/flow_matrix.yml").read_text()),
        "tags": {"platform": "kc", "environment": "test", "tier": "network", "managed-by": "knowledgecity.platform"},
        "subnet_tags": {"public": {"kubernetes.io/role/elb": "1"}},
        "gateway_endpoints": ["s3", "dynamodb"],
        "interface_endpoints": ["kms", "ecr.api"],
    }
    return settings | changed


def _permission(rule):
    source = {"description": rule["description"]}
    permission = {"ip_protocol": rule["protocol"], "from_port": rule["from_port"], "to_port": rule["to_port"]}
    if rule["kind"] == "group":
        return permission | {"user_id_group_pairs": [source | {"group_id": f"sg-{rule['target']}"}]}
    if rule["kind"] == "prefix_list":
        return permission | {"prefix_list_ids": [source | {"prefix_list_id": f"pl-{rule['target']}"}]}
    return permission | {"ip_ranges": [source | {"cidr_ip": rule["target"]}]}


def _table(item):
    targets = {"nat": "nat_gateway_id", "internet": "gateway_id"}
    prefixes = {"nat": "nat-", "internet": "igw-"}
    routes = [{"destination_cidr_block": "10.10.0.0/16", "gateway_id": "local", "origin": "CreateRouteTable"}]
    routes += [
        {
            "destination_cidr_block": route["destination"],
            targets[route["kind"]]: prefixes[route["kind"]] + route["target"],
            "origin": "CreateRoute",
            "state": "active",
        }
        for route in item["routes"]
    ]
    if not item["name"].endswith("-public"):
        routes += [
            {
                "destination_cidr_block": None,
                "destination_prefix_list_id": f"pl-{service}",
                "gateway_id": f"vpce-{service}",
                "origin": "CreateRoute",
            }
            for service in ("s3", "dynamodb")
        ]
    return {
        "route_table_id": f"rtb-{item['name']}",
        "tags": item["tags"],
        "routes": routes,
        "associations": [{"subnet_id": f"subnet-{name}"} for name in item["subnets"]],
    }


def _built(settings):
    """What the info modules return once the blueprint is built."""
    blueprint = network_blueprint(settings)
    default = {"group_name": "default", "group_id": "sg-default", "ip_permissions": [], "ip_permissions_egress": []}
    return {
        "vpcs": [
            {
                "vpc_id": VPC,
                "cidr_block": settings["cidr"],
                "state": "available",
                "enable_dns_support": True,
                "enable_dns_hostnames": True,
                "tags": blueprint["vpc"]["tags"],
            }
        ],
        "internet_gateways": [
            {
                "internet_gateway_id": f"igw-{NAME}",
                "attachments": [{"vpc_id": VPC}],
                "tags": blueprint["internet_gateway"]["tags"],
            }
        ],
        "addresses": [
            {"allocation_id": f"eip-{item['name']}", "association_id": "a", "tags": item["tags"]}
            for item in blueprint["addresses"]
        ],
        "subnets": [
            {
                "subnet_id": f"subnet-{item['name']}",
                "cidr_block": item["cidr"],
                "availability_zone": item["zone"],
                "map_public_ip_on_launch": False,
                "tags": item["tags"],
            }
            for item in blueprint["subnets"]
        ],
        "nat_gateways": [
            {"nat_gateway_id": f"nat-{item['name']}", "state": "available", "tags": item["tags"]}
            for item in blueprint["nat_gateways"]
        ],
        "route_tables": [_table(item) for item in blueprint["route_tables"]],
        "network_acls": [
            {
                "nacl_id": f"acl-{item['name']}",
                "tags": item["tags"],
                "subnets": [f"subnet-{name}" for name in item["subnets"]],
                "ingress": item["ingress"],
                "egress": item["egress"],
            }
            for item in blueprint["network_acls"]
        ],
        "security_groups": [
            *(
                {
                    "group_name": item["name"],
                    "group_id": f"sg-{item['name']}",
                    "tags": item["tags"],
                    "ip_permissions": [_permission(rule) for rule in item["ingress"]],
                    "ip_permissions_egress": [_permission(rule) for rule in item["egress"]],
                }
                for item in blueprint["security_groups"]
            ),
            default | {"tags": blueprint["vpc"]["tags"]},
        ],
        "endpoints": [
            {
                "vpc_endpoint_id": f"vpce-{item['service'].rpartition('.')[2]}"
                if item["kind"] == "Gateway"
                else f"vpce-{item['name']}",
                "service_name": item["service"],
                "state": "available",
                "route_table_ids": [f"rtb-{name}" for name in item["route_tables"]],
                "subnet_ids": [f"subnet-{name}" for name in item["subnets"]],
                "groups": [{"group_id": f"sg-{name}"} for name in item["groups"]],
                "private_dns_enabled": item["kind"] == "Interface",
                "tags": [{"key": key, "value": value} for key, value in item["tags"].items()],
            }
            for item in blueprint["endpoints"]
        ],
    }


NOTHING = {kind: [] for kind in _built(_settings())}


def _changes(read, **changed):
    plan = network_plan(network_blueprint(_settings(**changed)), read)
    return [f"{change['action']} {change['resource']}" for change in plan["changes"]]


def test_nothing_is_left_to_do_on_a_built_network():
    plan = network_plan(network_blueprint(_settings()), _built(_settings()))
    assert plan["changes"] == []
    assert not any(plan["todo"].values())
    assert not any(plan["surplus"].values())


def test_an_empty_region_gets_everything():
    plan = network_plan(network_blueprint(_settings()), NOTHING)
    counts = {kind: len(items) for kind, items in plan["todo"].items()}
    assert counts == {
        "vpcs": 1,
        "internet_gateways": 1,
        "subnets": 9,
        "addresses": 3,
        "nat_gateways": 3,
        "route_tables": 5,
        "network_acls": 3,
        "security_groups": 9,
        "endpoints": 4,
    }
    assert [change["resource"] for change in plan["changes"] if change["action"] != "create"] == [
        "security group default (egress)"
    ]
    assert plan["vpc_id"] is None


def _by_name(items, name):
    return next(item for item in items if item.get("group_name", item.get("tags", {}).get("Name")) == name)


DRIFT = {
    "DNS names off": (
        lambda read: read["vpcs"][0].update(enable_dns_hostnames=False),
        f"update vpc {NAME} (enable_dns_hostnames)",
    ),
    "internet gateway detached": (
        lambda read: read["internet_gateways"][0].update(attachments=[]),
        f"update internet gateway {NAME} (attachment)",
    ),
    "public addresses in a private subnet": (
        lambda read: _by_name(read["subnets"], f"{NAME}-private-a").update(map_public_ip_on_launch=True),
        f"update subnet {NAME}-private-a (public addresses)",
    ),
    "tag changed": (
        lambda read: _by_name(read["subnets"], f"{NAME}-data-b").update(tags={"Name": f"{NAME}-data-b"}),
        f"update subnet {NAME}-data-b (tags)",
    ),
    "NAT gateway failed": (
        lambda read: read["nat_gateways"][0].update(state="failed"),
        f"create nat gateway {NAME}-nat-a",
    ),
    "way to the internet for the data": (
        lambda read: _by_name(read["route_tables"], f"{NAME}-data")["routes"].append(
            {
                "destination_cidr_block": "0.0.0.0/0",
                "gateway_id": f"igw-{NAME}",
                "origin": "CreateRoute",
                "state": "active",
            }
        ),
        f"update route table {NAME}-data (routes)",
    ),
    "subnet in another table": (
        lambda read: _by_name(read["route_tables"], f"{NAME}-data")["associations"].pop(),
        f"update route table {NAME}-data (subnets)",
    ),
    "dead peering route": (
        lambda read: _by_name(read["route_tables"], f"{NAME}-data")["routes"].append(
            {
                "destination_cidr_block": "10.20.0.0/16",
                "vpc_peering_connection_id": "pcx-old",
                "origin": "CreateRoute",
                "state": "blackhole",
            }
        ),
        f"update route table {NAME}-data (routes)",
    ),
    "network ACL opened": (
        lambda read: _by_name(read["network_acls"], f"{NAME}-data")["ingress"].insert(
            0, [1, "all", "allow", "0.0.0.0/0", None, None, 0, 65535]
        ),
        f"update network acl {NAME}-data (ingress)",
    ),
    "security group opened": (
        lambda read: _by_name(read["security_groups"], f"{NAME}-database")["ip_permissions"].append(
            {"ip_protocol": "-1", "ip_ranges": [{"cidr_ip": "0.0.0.0/0"}]}
        ),
        f"update security group {NAME}-database (ingress)",
    ),
    "default security group in use": (
        lambda read: _by_name(read["security_groups"], "default")["ip_permissions_egress"].append(
            {"ip_protocol": "-1", "ip_ranges": [{"cidr_ip": "0.0.0.0/0"}]}
        ),
        "update security group default (egress)",
    ),
    "endpoint in one subnet less": (
        lambda read: read["endpoints"][2]["subnet_ids"].pop(),
        f"update endpoint {NAME}-kms (subnets)",
    ),
    "endpoint without private DNS": (
        lambda read: read["endpoints"][3].update(private_dns_enabled=False),
        f"update endpoint {NAME}-ecr-api (private DNS)",
    ),
}


@pytest.mark.parametrize("drift", DRIFT)
def test_each_drift_is_one_change(drift):
    change, announced = DRIFT[drift]
    read = _built(_settings())
    change(read)
    first = _changes(read)
    # A new NAT gateway has a new id, which the private route table must then name.
    expected = [announced] + (
        [f"update route table {NAME}-private-a (routes)"] if drift == "NAT gateway failed" else []
    )
    assert first == expected


def test_a_living_peering_route_stays():
    read = _built(_settings())
    route = {"destination_cidr_block": "10.20.0.0/16", "vpc_peering_connection_id": "pcx-1", "origin": "CreateRoute"}
    table = _by_name(read["route_tables"], f"{NAME}-data")
    table["routes"].append(route | {"state": "active"})
    assert _changes(read) == []
    table["associations"].pop()
    (item,) = network_plan(network_blueprint(_settings()), read)["todo"]["route_tables"]
    assert item["peer_routes"] == [{"dest": "10.20.0.0/16", "vpc_peering_connection_id": "pcx-1"}]
    without = _changes(read, peers=[])
    assert f"update route table {NAME}-data (routes, subnets)" in without


def test_one_nat_gateway_instead_of_three():
    changes = _changes(_built(_settings()), nat_per_zone=False)
    assert changes == [
        f"update route table {NAME}-private-b (routes)",
        f"update route table {NAME}-private-c (routes)",
        f"delete nat gateway {NAME}-nat-b nat-{NAME}-nat-b",
        f"delete nat gateway {NAME}-nat-c nat-{NAME}-nat-c",
        f"delete address {NAME}-nat-b eip-{NAME}-nat-b",
        f"delete address {NAME}-nat-c eip-{NAME}-nat-c",
    ]


def test_an_endpoint_less():
    assert _changes(_built(_settings()), interface_endpoints=["kms"]) == [
        f"delete endpoint {NAME}-ecr-api vpce-{NAME}-ecr-api"
    ]


def test_what_an_interrupted_run_created_twice_is_removed_once():
    read = _built(_settings())
    twin = copy.deepcopy(read["addresses"][0]) | {"allocation_id": "eip-0-twin", "association_id": None}
    read["addresses"].insert(0, twin)
    table = copy.deepcopy(read["route_tables"][0]) | {"route_table_id": "rtb-twin", "associations": []}
    read["route_tables"].append(table)
    plan = network_plan(network_blueprint(_settings()), read)
    assert [item["id"] for item in plan["surplus"]["addresses"]] == ["eip-0-twin"]
    assert [item["id"] for item in plan["surplus"]["route_tables"]] == ["rtb-twin"]
    assert not any(plan["todo"].values())


def test_anothers_address_is_left_alone():
    read = _built(_settings())
    read["addresses"].append({"allocation_id": "eip-x", "tags": {"Name": "bastion", "tier": "other"}})
    assert _changes(read) == []


def test_a_changed_range_is_refused():
    with pytest.raises(AnsibleFilterError, match=r"10\.10\.0\.0/16.*10\.30\.0\.0/16"):
        _changes(_built(_settings()), cidr="10.30.0.0/16")


def test_two_vpcs_of_one_name_are_refused():
    read = _built(_settings())
    read["vpcs"].append(read["vpcs"][0] | {"vpc_id": "vpc-2"})
    with pytest.raises(AnsibleFilterError, match="vpc-1, vpc-2"):
        _changes(read)


def test_a_subnet_in_another_zone_is_refused():
    read = _built(_settings())
    read["subnets"][0]["availability_zone"] = "me-west-1d"
    with pytest.raises(AnsibleFilterError, match="network_zones"):
        _changes(read)


def test_without_the_gateway_endpoint_no_rule_names_its_prefix_list():
    blueprint = network_blueprint(_settings(gateway_endpoints=["s3"]))
    lists = {
        rule["target"]
        for group in blueprint["security_groups"]
        for rule in group["ingress"] + group["egress"]
        if rule["kind"] == "prefix_list"
    }
    assert lists == {"s3"}


def test_settings_that_lack_something_are_named():
    settings = _settings()
    del settings["peers"]
    with pytest.raises(AnsibleFilterError, match="peers"):
        network_blueprint(settings)
