# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Promote secrets, and let those that named the old writer name the new one, in runs that may be cut off anywhere."""

from __future__ import annotations

import json

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.secrets import move_hosts, promote
from botocore.exceptions import ClientError, ReadTimeoutError

_HOSTS = ("old.example", "new.example")
_ALL = {"Filters": [{"Key": "name", "Values": ["p/"]}]}


class Manager:
    """Secrets Manager of the region gone to: names and values, two a page."""

    def __init__(self, **secrets: dict):
        self.values = {f"p/{name}": (f"v1-{name}", json.dumps(value)) for name, value in secrets.items()}
        self.before: dict[str, str] = {}
        self.denied: set[str] = set()
        self.lost = 0
        self.replicas: set[str] = set()

    def batch_get_secret_value(self, **asked):
        names, start = sorted(asked.get("SecretIdList", self.values)), int(asked.get("NextToken", 0))
        found = [
            {"Name": name, "VersionId": self.values[name][0], "SecretString": self.values[name][1]}
            for name in names[start : start + 2]
        ]
        more = {"NextToken": str(start + 2)} if start + 2 < len(names) else {}
        return {"SecretValues": found} | more

    def put_secret_value(self, **asked):
        name = asked["SecretId"]
        if name in self.denied:
            raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "PutSecretValue")
        self.before[name] = self.values[name][0]
        self.values[name] = (asked["ClientRequestToken"], asked["SecretString"])
        if self.lost:
            self.lost -= 1
            raise ReadTimeoutError(endpoint_url="u")

    def describe_secret(self, **asked):
        name = asked["SecretId"]
        stages = {self.values[name][0]: ["AWSCURRENT"], self.before.get(name, "-"): ["AWSPREVIOUS"]}
        primary = {"PrimaryRegion": "me-west-1"} if name in self.replicas else {}
        return {"VersionIdsToStages": stages} | primary

    def stop_replication_to_replica(self, **asked):
        if asked["SecretId"] not in self.replicas:
            raise ClientError({"Error": {"Code": "InvalidRequestException"}}, "StopReplicationToReplica")
        self.replicas.discard(asked["SecretId"])

    def host(self, name: str) -> str:
        return json.loads(self.values[f"p/{name}"][1])["host"]


def _tenant(name: str, host: str = "old.example") -> dict:
    return {"host": host, "username": name, "password": "hidden"}


def _manager() -> Manager:
    others = {"master": {"username": "admin", "password": "hidden"}, "list": [1]}
    return Manager(a=_tenant("a"), b=_tenant("b"), own=_tenant("own", "own.example"), **others)


def _moved(manager: Manager, warned: list[str] | None = None, failover: str = "f1"):
    return {item.user: item for item in move_hosts(manager, _ALL, _HOSTS, failover, (warned or []).append)}


def test_all_that_named_the_old_writer_name_the_new_one():
    manager = _manager()
    moved = _moved(manager)
    assert {name: item.before for name, item in moved.items()} == {"a": "v1-a", "b": "v1-b"}
    assert [manager.host(name) for name in ("a", "b", "own")] == ["new.example", "new.example", "own.example"]
    assert json.loads(manager.values["p/a"][1]) == _tenant("a", "new.example")
    assert manager.values["p/master"][0] == "v1-master"


def test_a_run_that_resumes_returns_what_the_one_before_changed():
    manager = _manager()
    manager.lost = 1
    with pytest.raises(PlatformError, match="new host to the secret"):
        _moved(manager)
    again = _moved(manager)
    assert {name: item.before for name, item in again.items()} == {"a": "v1-a", "b": "v1-b"}
    assert again == _moved(manager)


def test_only_the_secrets_asked_for_are_changed():
    manager = _manager()
    (moved,) = move_hosts(manager, {"SecretIdList": ["p/a", "p/master"]}, _HOSTS, "f1", print)
    assert moved.user == "a"
    assert manager.host("b") == "old.example"


def test_what_another_failover_changed_is_left():
    manager = _manager()
    _moved(manager)
    assert _moved(manager, failover="f2") == {}


def test_a_secret_that_may_not_be_written_is_said_and_ends_nothing():
    manager, warned = _manager(), []
    manager.denied = {"p/a"}
    moved = {item.user for item in move_hosts(manager, _ALL, _HOSTS, "f1", warned.append)}
    assert moved == {"b"}
    assert "p/a" in warned[0]
    assert "hidden" not in warned[0]


def test_what_is_listed_as_a_replica_and_is_none_any_more_is_promoted_already():
    manager = _manager()
    manager.replicas = {"p/a"}
    promote(manager, "eu-central-1", ["p/a", "p/b"])
    assert manager.replicas == set()


def test_a_replica_that_can_not_be_promoted_is_an_error():
    manager = _manager()
    manager.replicas = {"p/a"}

    def refuse(**_asked):
        raise ClientError({"Error": {"Code": "InvalidRequestException"}}, "StopReplicationToReplica")

    manager.stop_replication_to_replica = refuse
    with pytest.raises(PlatformError, match="promote the secret p/a"):
        promote(manager, "eu-central-1", ["p/a"])
