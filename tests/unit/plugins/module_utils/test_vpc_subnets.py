# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_subnets.model import (
    Subnet,
    check,
    plan_present,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_subnets.reconciler import SubnetReconciler
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_subnets.store import SubnetStore

WANTED = Subnet("private-a", "10.0.0.0/24", "me-west-1a", tags={"tier": "network"})
FOUND = dataclasses.replace(WANTED, tags={"Name": "private-a", "tier": "network"}, subnet_id="subnet-0")


def _plan(wanted: Subnet, found: Subnet = FOUND, purge_tags: bool = True):
    return plan_present([wanted], {found.cidr: found}, purge_tags=purge_tags)


def test_what_is_as_wanted_needs_nothing():
    assert _plan(WANTED) == []
    assert _plan(dataclasses.replace(WANTED, tags=None, zone=None)) == []


@pytest.mark.parametrize(
    ("changed", "after"),
    [
        ({"map_public_ip": True}, {"map_public_ip": False}),
        ({"tags": FOUND.tags | {"more": "1"}}, {"tags": FOUND.tags}),
        ({"tags": {"tier": "network"}, "name": ""}, {"tags": FOUND.tags}),
    ],
)
def test_each_drift_is_one_change(changed, after):
    (change,) = _plan(WANTED, dataclasses.replace(FOUND, **changed))
    assert (change.action, change.resource, change.after) == ("update", "subnet private-a", after)


def test_tags_are_kept_without_purge():
    assert _plan(WANTED, dataclasses.replace(FOUND, tags=FOUND.tags | {"more": "1"}), purge_tags=False) == []


def test_problems_are_told_together():
    moved = dataclasses.replace(WANTED, zone="me-west-1b")
    with pytest.raises(PlatformError, match=r"have the name private-a.*have the cidr.*subnet-0.*AWS can't move it"):
        check([moved, moved], {FOUND.cidr: FOUND})


class Client:
    """The subnets of one VPC, as AWS keeps them."""

    def __init__(self):
        self.subnets: dict[str, dict] = {}
        self.calls: list[str] = []

    def get_paginator(self, operation):
        assert operation == "describe_subnets"
        return self

    def paginate(self, Filters):  # noqa: N803
        assert Filters == [{"Name": "vpc-id", "Values": ["vpc-1"]}]
        return [{"Subnets": list(self.subnets.values())}]

    def create_subnet(self, VpcId, CidrBlock, AvailabilityZone, TagSpecifications):  # noqa: N803
        assert (VpcId, TagSpecifications[0]["ResourceType"]) == ("vpc-1", "subnet")
        subnet_id = f"subnet-{len(self.subnets)}"
        self.subnets[subnet_id] = {
            "SubnetId": subnet_id,
            "CidrBlock": CidrBlock,
            "AvailabilityZone": AvailabilityZone,
            "MapPublicIpOnLaunch": False,
            "Tags": TagSpecifications[0]["Tags"],
        }
        self.calls.append("create")
        return {"Subnet": self.subnets[subnet_id]}

    def get_waiter(self, name):
        assert name == "subnet_available"
        return self

    def wait(self, SubnetIds, WaiterConfig):  # noqa: N803
        assert set(SubnetIds) <= set(self.subnets)
        assert WaiterConfig["MaxAttempts"] > 1
        self.calls.append("wait")

    def modify_subnet_attribute(self, SubnetId, MapPublicIpOnLaunch):  # noqa: N803
        self.subnets[SubnetId]["MapPublicIpOnLaunch"] = MapPublicIpOnLaunch["Value"]
        self.calls.append("modify")

    def create_tags(self, Resources, Tags):  # noqa: N803
        self.subnets[Resources[0]]["Tags"] += Tags
        self.calls.append("tag")

    def delete_tags(self, Resources, Tags):  # noqa: N803
        keys = [tag["Key"] for tag in Tags]
        subnet = self.subnets[Resources[0]]
        subnet["Tags"] = [tag for tag in subnet["Tags"] if tag["Key"] not in keys]
        self.calls.append("untag")

    def delete_subnet(self, SubnetId):  # noqa: N803
        del self.subnets[SubnetId]
        self.calls.append("delete")


def _run(client, *wanted: Subnet, present: bool = True, check_mode: bool = False):
    reconciler = SubnetReconciler(wanted, SubnetStore(client, "vpc-1", 5), present=present, purge_tags=True)
    changes, current = converge(reconciler, check_mode=check_mode, timeout=5)
    return [change.action for change in changes], current


def test_subnets_are_created_tagged_changed_and_removed():
    client = Client()
    public = Subnet("public-a", "10.0.1.0/24", "me-west-1a", map_public_ip=True)
    assert _run(client, WANTED, public, check_mode=True)[0] == ["create", "create"]
    assert client.calls == []
    actions, current = _run(client, WANTED, public)
    assert actions == ["create", "create"]
    assert sorted(client.calls) == ["create", "create", "modify", "wait"]
    assert current["10.0.0.0/24"].tags == {"Name": "private-a", "tier": "network"}
    assert current["10.0.1.0/24"].map_public_ip
    assert _run(client, WANTED, public)[0] == []

    client.calls.clear()
    other = dataclasses.replace(public, map_public_ip=False, tags={"more": "1"})
    assert _run(client, dataclasses.replace(WANTED, tags={}), other)[0] == ["update", "update"]
    assert sorted(client.calls) == ["modify", "tag", "untag"]
    assert _run(client, WANTED, public, present=False) == (["delete", "delete"], {})
