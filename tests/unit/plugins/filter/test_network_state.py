# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from ansible_collections.knowledgecity.platform.plugins.filter.network_state import network_state

KINDS = ("internet_gateways", "addresses", "subnets", "nat_gateways", "route_tables", "security_groups", "endpoints")
ENTRY = {"rule_number": 100, "protocol": "6", "rule_action": "allow", "egress": False, "cidr_block": "10.0.0.0/8"}


def state(**changed):
    return network_state({"vpcs": [], "network_acls": [], **{kind: [] for kind in KINDS}} | changed)


def acl(*entries):
    found = {
        "network_acl_id": "acl-1",
        "tags": {"Name": "public"},
        "associations": [{"subnet_id": "subnet-1"}],
        "entries": list(entries),
    }
    return state(network_acls=[found])["network_acls"][0]


def test_an_empty_region_has_no_network():
    assert set(state()) == {"vpcs", "network_acls", *KINDS}
    assert not any(state().values())


def test_a_vpc_has_its_dns_attributes_beside_the_rest():
    vpc = {"vpc_id": "vpc-1", "enable_dns_support": {"value": True}, "enable_dns_hostnames": {"value": False}}
    found = state(vpcs=[vpc])["vpcs"][0]
    assert (found["vpc_id"], found["enable_dns_support"], found["enable_dns_hostnames"]) == ("vpc-1", True, False)
    assert state(vpcs=[{"vpc_id": "vpc-1"}])["vpcs"][0]["enable_dns_support"] is None


def test_an_acl_has_its_rules_as_the_module_takes_them():
    found = acl(
        ENTRY | {"port_range": {"from": 443, "to": 443}},
        ENTRY | {"rule_number": 110, "protocol": "-1", "egress": True},
        ENTRY | {"rule_number": 120, "protocol": "1", "icmp_type_code": {"type": 3, "code": 4}},
        ENTRY | {"rule_number": 32767, "protocol": "-1"},
    )
    assert found == {
        "nacl_id": "acl-1",
        "tags": {"Name": "public"},
        "subnets": ["subnet-1"],
        "ingress": [
            [100, "tcp", "allow", "10.0.0.0/8", None, None, 443, 443],
            [120, "icmp", "allow", "10.0.0.0/8", 3, 4, None, None],
        ],
        "egress": [[110, "all", "allow", "10.0.0.0/8", None, None, 0, 65535]],
    }
