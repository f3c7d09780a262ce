# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Apply the changes that are handed over, and no others."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.model import VERIFIED
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.removed import RemovedReconciler
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.verified import (
    VerifiedReconciler,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.session import end_sessions
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_heartbeat import server as heartbeat
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_heartbeat.model import State as Heartbeat
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_heartbeat.model import plan as plan_heartbeat
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.dedicated import plan_dedicated
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.entries import (
    dedicated_tenants,
    undeclared_entry,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.model import State
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.reconciler import TenantsReconciler

from tests.support.backups import NOW, backup, by_name
from tests.support.tenant_instances import DEFAULTS, HOME, PREFIX, settled_state, wanted, with_instance, with_values

_BACKUPS = by_name(backup("old", days=3), backup("new"))


class FakeStore:
    """Hold backups, and note what is written and deleted."""

    now = NOW

    def __init__(self):
        self.written: list[tuple] = []
        self.deleted: list[str] = []

    def read(self):
        return _BACKUPS

    def put_json(self, name, key, content):
        self.written.append((name, key, content))

    def delete(self, item):
        self.deleted.append(item.name)


def test_only_the_verification_that_is_handed_over_is_noted():
    store = FakeStore()
    reconciler = VerifiedReconciler("new", "list", 0, "backups", store, None)
    reconciler.apply([])
    assert store.written == []
    reconciler.apply(VerifiedReconciler("old", "list", 0, "backups", store, None).plan(_BACKUPS))
    ((name, key, content),) = store.written
    assert (name, key, list(content["methods"])) == ("old", VERIFIED, ["list"])


def test_only_the_backups_that_are_handed_over_are_removed():
    store = FakeStore()
    pruned = RemovedReconciler(store, None, 1, None)
    changes = pruned.plan(_BACKUPS)
    assert [change.name for change in changes] == ["old"]
    pruned.apply([])
    assert store.deleted == []
    pruned.apply(changes)
    assert store.deleted == ["old"]


class Cursor:
    """Note statements."""

    def __init__(self):
        self.statements: list[str] = []

    def execute(self, statement, values=()):
        self.statements.append(statement % tuple(values) if values else statement)


def test_the_statements_of_the_heartbeat_follow_the_kinds_of_the_changes():
    nothing = Heartbeat("admin@%", False, "ON", False, False, None, None)
    changes = plan_heartbeat("platform", nothing)
    assert [change.resource for change in changes] == [
        "schema platform",
        "table platform.heartbeat",
        "event platform.heartbeat",
    ]
    cursor = Cursor()
    heartbeat.apply(cursor, "platform", changes)
    assert [" ".join(text.split()[:2]) for text in cursor.statements] == [
        "CREATE DATABASE",
        "CREATE TABLE",
        "DROP EVENT",
        "CREATE EVENT",
    ]
    only_event = Cursor()
    heartbeat.apply(only_event, "platform", changes[2:])
    assert [text.split()[0] for text in only_event.statements] == ["DROP", "CREATE"]


def test_sessions_are_ended_by_the_procedure_of_rds():
    cursor = Cursor()
    end_sessions(cursor, [7, 8])
    assert cursor.statements == ["CALL mysql.rds_kill(7)", "CALL mysql.rds_kill(8)"]


_PARAMETERS = {
    "host": None,
    "name_prefix": "tenant",
    "instance": None,
    "instance_name_prefix": PREFIX,
    "instance_defaults": DEFAULTS,
    "standby": None,
    "secret_prefix": "tenants/",
    "secret_kms_key": None,
    "secret_replicas": [],
    "secret_tags": {},
    "purge_parameters": False,
    "part": "all",
    "recovery_window": 7,
    "wait_timeout": 1,
    "rotate": "none",
    "addresses": {},
    "tls_ca": None,
}


class Tenants:
    """A reconciler of one tenant with a dedicated instance, whose reads and writes are fakes."""

    def __init__(self, *, ends_in):
        self.entry = undeclared_entry("acme", "tenant")
        item = {"name": "acme", "state": "present", "protected": False}
        tenants = dedicated_tenants(_PARAMETERS, [(self.entry, item)], HOME)
        self.reconciler = TenantsReconciler(
            _PARAMETERS, lambda *_service: None, HOME, [], tenants, enforce=lambda _findings: None
        )
        self.state = settled_state(wanted(standby=None))
        self.empty = State(frozenset(), {}, {}, {"acme": "v1"})
        self.provisioned: list = []
        self.read_again = 0
        self.applied: list = []
        reconciler = self.reconciler
        reconciler._secrets = SimpleNamespace(
            versions=lambda _entries: {"acme": "v1"}, ask=lambda _doubtful, _versions: None, remove=lambda *_names: None
        )
        reconciler._provisioning = SimpleNamespace(
            read=lambda _versions, all_of_it: self.state, apply=lambda changes, state: self._provision(changes, ends_in)
        )
        reconciler._dedicated_servers = SimpleNamespace(
            queries=0, read=lambda _state, _versions: self._read(), apply=lambda changes, _state: self._apply(changes)
        )

    def _provision(self, changes, ends_in):
        self.provisioned = changes
        return ends_in or self.state

    def _read(self):
        self.read_again += 1
        return {"acme": self.empty}

    def _apply(self, changes):
        self.applied = changes
        return [change.name for change in changes], []


@pytest.mark.parametrize("changed", [False, True])
def test_servers_are_read_again_only_after_the_instances_were_changed(changed):
    """Minutes may pass until then, in which sessions begin and servers appear."""
    tenants = Tenants(ends_in=settled_state(wanted(standby=None)) if changed else None)
    reconciler = tenants.reconciler
    if changed:
        entry = wanted(standby=None)
        drifted = with_values(tenants.state.at(entry.at), MultiAZ=False)
        tenants.state = with_instance(tenants.state, drifted)
    changes = reconciler.plan(reconciler.read())
    assert [change.kind for change in changes] == (["instance", "tenant"] if changed else ["tenant"])
    handed = [change for change in changes if change.kind == "tenant"]
    reconciler.apply(changes)
    assert tenants.provisioned == changes[:-1]
    assert tenants.read_again == (2 if changed else 1)
    assert tenants.applied == handed
    assert (tenants.applied[0] is handed[0]) is not changed
    assert reconciler.done == ["acme"]


def test_a_server_that_could_not_be_read_is_planned_once_it_can_be():
    tenants = Tenants(ends_in=None)
    placeholder = plan_dedicated(tenants.reconciler._tenants, {"acme": None}, tenants.state, "none", ())
    tenants.reconciler.read()
    tenants.reconciler._observed.servers["acme"] = None
    tenants.reconciler.apply(placeholder)
    assert (placeholder[0].action, tenants.applied[0].action) == ("adopt", "create")
