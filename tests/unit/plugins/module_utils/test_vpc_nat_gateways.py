# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_nat_gateways.model import Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_nat_gateways.reconciler import (
    NatGatewayReconciler,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_nat_gateways.store import NatGatewayStore

A = Wanted("nat-a", "subnet-a", {"tier": "n"})
B = Wanted("nat-b", "subnet-b")


class Client:
    """The NAT gateways of one VPC and the addresses of its region, as AWS keeps them."""

    def __init__(self):
        self.addresses: list[dict] = []
        self.gateways: list[dict] = []
        self.calls: list[str] = []

    def describe_addresses(self, Filters):  # noqa: N803
        names = Filters[0]["Values"]
        return {"Addresses": [item for item in self.addresses if _name(item) in names]}

    def get_paginator(self, operation):
        assert operation == "describe_nat_gateways"
        return self

    def paginate(self, Filter):  # noqa: N803
        assert Filter == [{"Name": "vpc-id", "Values": ["vpc-1"]}]
        return [{"NatGateways": self.gateways}]

    def allocate_address(self, Domain, TagSpecifications):  # noqa: N803
        assert (Domain, TagSpecifications[0]["ResourceType"]) == ("vpc", "elastic-ip")
        self.calls.append("allocate")
        item = {"AllocationId": f"eip-{len(self.addresses)}", "Tags": TagSpecifications[0]["Tags"]}
        self.addresses.append(item)
        return item

    def create_nat_gateway(self, SubnetId, ConnectivityType, AllocationId, TagSpecifications):  # noqa: N803
        assert ConnectivityType == "public"
        self.calls.append(f"create in {SubnetId}")
        item = {"NatGatewayId": f"nat-{len(self.gateways)}", "State": "pending", "Tags": TagSpecifications[0]["Tags"]}
        self.gateways.append(item)
        address = next(item for item in self.addresses if item["AllocationId"] == AllocationId)
        assert _name(address) == _name(item)
        address["AssociationId"] = "a"
        return {"NatGateway": item}

    def get_waiter(self, name):
        assert name == "nat_gateway_available"
        return self

    def wait(self, NatGatewayIds, WaiterConfig):  # noqa: N803
        assert WaiterConfig["MaxAttempts"] > 1
        self.calls.append(f"wait for {len(NatGatewayIds)}")
        for item in self.gateways:
            item["State"] = "available"

    def create_tags(self, Resources, Tags):  # noqa: N803
        self.calls.append(f"tag {Resources[0]}")
        for item in self.addresses + self.gateways:
            if Resources[0] in item.values():
                item["Tags"] += Tags


def _name(item):
    return next(tag["Value"] for tag in item["Tags"] if tag["Key"] == "Name")


def _run(client, *wanted: Wanted, wait: bool = True, check_mode: bool = False):
    reconciler = NatGatewayReconciler(wanted, NatGatewayStore(client, "vpc-1", 5, wait=wait), purge_tags=False)
    changes, current = converge(reconciler, check_mode=check_mode, timeout=5)
    return [f"{change.action} {change.resource}" for change in changes], current


def test_each_nat_gateway_gets_an_address():
    client = Client()
    expected = ["create address nat-a", "create address nat-b", "create NAT gateway nat-a", "create NAT gateway nat-b"]
    assert _run(client, A, B, check_mode=True)[0] == expected
    assert client.calls == []
    changes, current = _run(client, A, B)
    assert changes == expected
    assert client.calls[:2] == ["allocate", "allocate"]
    assert client.calls[-1] == "wait for 2"
    assert {found.state for found in current.gateways.values()} == {"available"}
    assert current.addresses["nat-a"].tags == {"Name": "nat-a", "tier": "n"}
    assert _run(client, A, B)[0] == []


def test_an_interrupted_run_left_an_address():
    client = Client()
    client.addresses = [
        {"AllocationId": "eip-0", "Tags": [{"Key": "Name", "Value": "nat-b"}]},
        {"AllocationId": "eip-1", "AssociationId": "a", "Tags": [{"Key": "Name", "Value": "nat-a"}]},
        {"AllocationId": "eip-2", "Tags": [{"Key": "Name", "Value": "nat-a"}]},
    ]
    client.gateways = [{"NatGatewayId": "nat-0", "State": "failed", "Tags": [{"Key": "Name", "Value": "nat-b"}]}]
    changes, current = _run(client, B, wait=False)
    assert changes == ["create NAT gateway nat-b"]
    assert client.calls == ["create in subnet-b"]
    changes, current = _run(client, A, check_mode=True)
    assert changes == ["update address nat-a", "create NAT gateway nat-a"]
    assert current.addresses["nat-a"].resource_id == "eip-1"


def test_tags_are_set_on_both():
    client = Client()
    _run(client, B)
    client.calls.clear()
    changes, _current = _run(client, Wanted("nat-b", "subnet-b", {"more": "1"}))
    assert changes == ["update address nat-b", "update NAT gateway nat-b"]
    assert sorted(client.calls) == ["tag eip-0", "tag nat-0"]


def test_a_name_is_listed_once():
    with pytest.raises(PlatformError, match="Listed twice: nat-a"):
        NatGatewayReconciler([A, A], NatGatewayStore(Client(), "vpc-1", 1, wait=False), purge_tags=True)
