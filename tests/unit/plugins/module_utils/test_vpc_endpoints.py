# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_endpoints.model import Endpoint, plan_present
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_endpoints.reconciler import EndpointReconciler
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_endpoints.store import EndpointStore

KMS = Endpoint(
    "kms", "Interface", subnets=frozenset({"s-1"}), groups=frozenset({"g-1"}), private_dns=True, tags={"tier": "n"}
)
S3 = Endpoint("s3", "Gateway", route_tables=frozenset({"r-1"}))


@pytest.mark.parametrize(
    ("changed", "action"),
    [
        ({}, None),
        ({"tags": {"tier": "n", "more": "1"}}, "update"),
        ({"subnets": frozenset({"s-1", "s-2"})}, "replace"),
        ({"groups": frozenset()}, "replace"),
        ({"private_dns": False}, "replace"),
    ],
)
def test_each_drift_is_one_change(changed, action):
    changes = plan_present([KMS], {"kms": dataclasses.replace(KMS, **changed)}, purge_tags=True)
    assert [change.action for change in changes] == ([action] if action else [])


def test_tags_are_kept_without_purge():
    found = dataclasses.replace(KMS, tags={"tier": "n", "more": "1"})
    assert plan_present([KMS], {"kms": found}, purge_tags=False) == []


class Client:
    """The endpoints of one VPC, as AWS keeps them; a deleted one stays for a while."""

    def __init__(self):
        self.endpoints: list[dict] = []
        self.calls: list[str] = []

    def get_paginator(self, operation):
        assert operation == "describe_vpc_endpoints"
        return self

    def paginate(self, Filters):  # noqa: N803
        assert Filters == [{"Name": "vpc-id", "Values": ["vpc-1"]}]
        shown = [dict(item) for item in self.endpoints]
        for item in self.endpoints:
            item["State"] = "deleted" if item["State"] == "deleting" else item["State"]
        return [{"VpcEndpoints": shown}]

    def create_vpc_endpoint(self, VpcId, VpcEndpointType, ServiceName, TagSpecifications=(), **arguments):  # noqa: N803
        living = [item["ServiceName"] for item in self.endpoints if item["State"] == "available"]
        assert ServiceName not in living
        assert VpcId == "vpc-1"
        assert not {"PrivateDnsEnabled"} & arguments.keys(), "AWS's default is kept"
        self.calls.append(f"create {ServiceName}")
        item = {"VpcEndpointId": f"vpce-{len(self.endpoints)}", "ServiceName": ServiceName, "State": "available"}
        item |= {key: arguments.get(key, []) for key in ("RouteTableIds", "SubnetIds")}
        item["Groups"] = [{"GroupId": group} for group in arguments.get("SecurityGroupIds", [])]
        item |= {"VpcEndpointType": VpcEndpointType, "PrivateDnsEnabled": VpcEndpointType == "Interface"}
        item["Tags"] = TagSpecifications[0]["Tags"] if TagSpecifications else []
        self.endpoints.append(item)

    def delete_vpc_endpoints(self, VpcEndpointIds):  # noqa: N803
        for item in self.endpoints:
            if item["VpcEndpointId"] in VpcEndpointIds:
                self.calls.append(f"delete {item['ServiceName']}")
                item["State"] = "deleting"
        return {"Unsuccessful": []}

    def create_tags(self, Resources, Tags):  # noqa: N803
        self.calls.append(f"tag {Resources[0]}")
        next(item for item in self.endpoints if item["VpcEndpointId"] == Resources[0])["Tags"] += Tags


def _run(client, *wanted: Endpoint, present: bool = True, check_mode: bool = False):
    store = EndpointStore(client, "vpc-1", 10)
    reconciler = EndpointReconciler(wanted, store, present=present, purge_tags=False)
    changes, current = converge(reconciler, check_mode=check_mode, timeout=10)
    return [change.action for change in changes], current


def test_endpoints_are_created_replaced_tagged_and_removed(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    client = Client()
    assert _run(client, S3, KMS, check_mode=True)[0] == ["create", "create"]
    assert client.calls == []
    assert _run(client, S3, KMS)[0] == ["create", "create"]
    assert sorted(client.calls) == ["create kms", "create s3"]
    assert _run(client, S3, KMS)[0] == []

    client.calls.clear()
    other = dataclasses.replace(KMS, subnets=frozenset({"s-2"}))
    actions, current = _run(client, dataclasses.replace(S3, tags={"more": "1"}), other)
    assert actions == ["update", "replace"]
    assert [call.partition(" ")[0] for call in client.calls] == ["delete", "create", "tag"]
    assert current["kms"].subnets == {"s-2"}
    assert _run(client, S3, KMS, present=False) == (["delete", "delete"], {})


def test_what_can_not_be_is_refused():
    wrong = [S3, S3, dataclasses.replace(S3, service="x", subnets=frozenset({"s-1"}))]
    with pytest.raises(PlatformError, match="listed twice.*no subnets and groups"):  # noqa: RUF043
        EndpointReconciler(wrong, EndpointStore(Client(), "vpc-1", 1), present=True, purge_tags=True)
