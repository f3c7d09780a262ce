# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A secret counts as replicated when the other region has its value, and a failed replication says why."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils import _secret_replication
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_master_secret.model import Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_master_secret.model import plan as plan_master
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_master_secret.store import MasterSecretStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.entries import undeclared_entry
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.model import Task
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.secrets import TenantSecrets
from ansible_collections.knowledgecity.platform.plugins.module_utils._secret_replicas.store import ReplicaReconciler

HERE, THERE = "me-west-1", "eu-central-1"
KEY = "alias/kc-data"


_SAME = SimpleNamespace(other=lambda _name, _keys: {})


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(_secret_replication.time, "sleep", lambda _seconds: None)


class Manager:
    """Secrets Manager with one secret. Its replication goes through `coming`, one status a read; None is not listed."""

    exceptions = SimpleNamespace(InvalidRequestException=ConnectionError)

    def __init__(self, *coming: str | None, now: str | None = None):
        self.coming = list(coming)
        self.now = now
        self.asked: list[dict[str, Any]] = []
        self.reads = 0

    def _statuses(self) -> list[dict[str, str]]:
        message = {"StatusMessage": "no access to the key"} if self.now == "Failed" else {}
        return [{"Region": THERE, "Status": self.now} | message] if self.now else []

    def describe_secret(self, **_asked) -> dict[str, Any]:
        self.reads += 1
        if self.asked and self.coming:
            self.now = self.coming.pop(0)
        known = {"ARN": "arn", "Name": "p/a", "KmsKeyId": KEY, "VersionIdsToStages": {}}
        return known | {"ReplicationStatus": self._statuses()}

    def replicate_secret_to_regions(self, **asked) -> dict[str, Any]:
        self.asked.append(asked)
        self.now = "InProgress"
        return {"ReplicationStatus": self._statuses()}

    def create_secret(self, **_asked) -> dict[str, Any]:
        return {"VersionId": "v1"}

    def batch_get_secret_value(self, **asked) -> dict[str, Any]:
        value = json.dumps({"password": "secret"})
        return {
            "SecretValues": [{"Name": name, "SecretString": value, "VersionId": "v1"} for name in asked["SecretIdList"]]
        }

    def get_paginator(self, _operation):
        return self

    def paginate(self, **_asked):
        return [{"SecretList": [{"Name": "p/a"}]}]


def replicate(manager: Manager, **how) -> None:
    _secret_replication.replicate(manager, "p/a", {THERE: KEY}, timeout=how.pop("timeout", 60), **how)


def test_it_is_awaited_until_the_region_has_the_value():
    manager = Manager("InProgress", "InProgress", "InSync")
    replicate(manager)
    assert [item["AddReplicaRegions"] for item in manager.asked] == [[{"Region": THERE, "KmsKeyId": KEY}]]
    assert manager.reads == 4


@pytest.mark.parametrize(("held", "asked"), [("InSync", 0), ("Failed", 1), (None, 1)])
def test_what_is_held_is_not_asked_for_and_what_failed_is_once_more(held, asked):
    manager = Manager("InSync", now=held)
    replicate(manager)
    assert len(manager.asked) == asked


def test_a_replication_under_way_is_awaited_and_not_asked_for():
    manager = Manager(now="InProgress")
    with pytest.raises(PlatformError, match=r"Waited 0 s .*eu-central-1 \(InProgress\)"):
        replicate(manager, timeout=0)
    assert manager.asked == []


def test_a_failure_says_why_and_what_to_do():
    with pytest.raises(PlatformError, match=r"no access to the key.*kms:Encrypt"):
        replicate(Manager("Failed"))


def test_a_secret_just_created_is_not_read_first():
    manager = Manager("InSync")
    replicate(manager, new=True)
    assert manager.reads == 1


@pytest.mark.parametrize(
    ("held", "actions"), [("InSync", []), ("InProgress", ["replicate"]), ("Failed", ["replicate"])]
)
def test_only_a_secret_in_sync_counts_as_replicated(held, actions):
    reconciler = ReplicaReconciler(Manager(now=held), HERE, "p/", {THERE: KEY}, keys=_SAME, timeout=60)
    assert [change.action for change in reconciler.plan(reconciler.read())] == actions


@pytest.mark.parametrize(("held", "actions"), [("InSync", []), ("InProgress", ["create"]), ("Failed", ["create"])])
def test_a_master_secret_that_failed_is_replicated_before_the_password_is_set(held, actions):
    manager = Manager("Failed", now=held)
    wanted = Wanted("p/a", "", "admin", KEY, {THERE: KEY}, None, rotate=False)
    store = MasterSecretStore(lambda *_service: manager, HERE, wanted, 60, 7)
    changes = [change for change in plan_master(wanted, store.read(), rotated=False) if change.region]
    assert [change.action for change in changes] == actions
    if held == "Failed":
        with pytest.raises(PlatformError, match="no access to the key"):
            store.apply(changes)


@pytest.mark.parametrize("secret", ["create", "renew", ""])
def test_no_tenants_password_is_set_before_the_other_region_has_it(secret):
    manager = Manager("Failed", now=None if secret == "create" else "Failed")
    manager.put_secret_value = lambda **_asked: {"VersionId": "v1"}
    tenants = TenantSecrets(manager, "p/", KEY, {THERE: KEY}, {}, timeout=60)
    with pytest.raises(PlatformError, match="no access to the key"):
        tenants.prepare([Task(undeclared_entry("a", "tenant"), secret=secret, password=True)], "host")
