# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import json

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.model import Options
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_replica_key import store as module
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_replica_key.model import (
    Wanted,
    plan_key,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_replica_key.store import ReplicaKeyStore
from botocore.exceptions import ClientError, EndpointConnectionError

KEY_ID = "mrk-1234abcd12ab34cd56ef1234567890ab"
WANTED = Wanted("alias/primary", "me-west-1", "eu-central-1", "alias/replica", tags={"a": "1"})


class Region:
    """One region's KMS, as slow to show a new key as AWS may be: `lag` reads of it answer NotFoundException."""

    def __init__(self, name: str):
        self.name = name
        self.keys: dict[str, dict] = {}
        self.aliases: dict[str, str] = {}
        self.lag = 0
        self.error: Exception | None = None
        self.calls: list[str] = []
        self.other: Region | None = None

    def add(self, role: str | None, state: str = "Enabled") -> None:
        arn = "arn:aws:kms:{}:111122223333:key/" + KEY_ID
        key = {"KeyId": KEY_ID, "Arn": arn.format(self.name), "KeyState": state}
        if role:
            topology = {"MultiRegionKeyType": role, "PrimaryKey": {"Arn": arn.format("me-west-1")}}
            key["MultiRegionConfiguration"] = topology
        self.keys[KEY_ID] = key

    def describe_key(self, *, KeyId: str) -> dict:  # noqa: N803
        if self.error:
            raise self.error
        key = self.keys.get(self.aliases.get(KeyId, KeyId))
        if key is None or self.lag:
            self.lag = max(0, self.lag - 1)
            raise ClientError({"Error": {"Code": "NotFoundException"}}, "DescribeKey")
        return {"KeyMetadata": key}

    def get_paginator(self, _operation: str) -> Region:
        return self

    def paginate(self, *, KeyId: str) -> list[dict]:  # noqa: N803
        return [{"Tags": [{"TagKey": "a", "TagValue": "1"}]}, {"Tags": [{"TagKey": "b", "TagValue": "2"}]}]

    def get_key_policy(self, **_arguments) -> dict:
        return {"Policy": json.dumps({"Version": "2012-10-17"})}

    def replicate_key(self, **arguments) -> None:
        self.calls.append("ReplicateKey")
        self.other.add("REPLICA")
        self.other.lag = 2

    def __getattr__(self, name: str):
        return lambda **_arguments: self.calls.append(name)


@pytest.fixture
def regions(monkeypatch) -> dict[str, Region]:
    monkeypatch.setattr(module, "_INTERVAL", 0)
    made = {name: Region(name) for name in ("me-west-1", "eu-central-1")}
    made["me-west-1"].add("PRIMARY")
    made["me-west-1"].aliases["alias/primary"] = KEY_ID
    made["me-west-1"].other = made["eu-central-1"]
    return made


def read(regions, wanted: Wanted = WANTED):
    return ReplicaKeyStore(regions.__getitem__, timeout=5).read([wanted])[0]


def apply_plan(regions, timeout: float) -> None:
    store = ReplicaKeyStore(regions.__getitem__, timeout=timeout)
    for change in plan_key(WANTED, read(regions), Options()):
        store.apply(change)


def test_tags_are_read_over_all_pages(regions):
    regions["eu-central-1"].add("REPLICA")
    assert read(regions).replica.tags == {"a": "1", "b": "2"}


def test_a_replica_that_is_shown_late_is_waited_for(regions):
    apply_plan(regions, timeout=5)
    assert regions["me-west-1"].calls == ["ReplicateKey"]
    assert regions["eu-central-1"].calls == ["create_alias"]


def test_a_replica_that_is_never_shown_is_an_error_that_says_what_to_do(regions):
    with pytest.raises(PlatformError, match=r"is still not there after 0 s\. Run again; raise O\(wait_timeout\)\."):
        apply_plan(regions, timeout=0)
    assert regions["eu-central-1"].calls == []


def test_a_region_that_does_not_answer_is_noted_and_the_other_is_read(regions):
    regions["eu-central-1"].error = EndpointConnectionError(endpoint_url="https://kms.eu-central-1")
    observed = read(regions)
    assert observed.primary.key_id == KEY_ID
    assert [region for region, _answer in observed.unreachable] == ["eu-central-1"]
    assert "kms.eu-central-1" in observed.unreachable[0][1]


def test_a_refusal_is_an_error_that_names_the_key_the_region_and_the_fix(regions):
    denied = {"Error": {"Code": "AccessDeniedException", "Message": "not you"}}
    regions["me-west-1"].error = ClientError(denied, "DescribeKey")
    with pytest.raises(
        PlatformError, match=r"read the key alias/primary in me-west-1.*not you.*Fix: allow the operator's role"
    ):
        read(regions)


@pytest.mark.parametrize(("role", "found"), [("REPLICA", True), ("PRIMARY", False), (None, False)])
def test_where_the_primary_is_gone_only_a_replica_is_found_by_its_alias(regions, role, found):
    regions["me-west-1"].keys.clear()
    regions["eu-central-1"].add(role)
    regions["eu-central-1"].aliases["alias/replica"] = KEY_ID
    assert (read(regions).replica is not None) == found


def test_a_replica_of_a_primary_elsewhere_is_not_found_by_its_alias(regions):
    regions["me-west-1"].keys.clear()
    regions["eu-central-1"].add("REPLICA")
    topology = regions["eu-central-1"].keys[KEY_ID]["MultiRegionConfiguration"]
    topology["PrimaryKey"] = {"Arn": f"arn:aws:kms:us-east-1:111122223333:key/{KEY_ID}"}
    regions["eu-central-1"].aliases["alias/replica"] = KEY_ID
    assert read(regions).replica is None
