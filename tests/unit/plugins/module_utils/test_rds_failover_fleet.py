# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Fail over the shared database and those of tenants side by side: none keeps another from moving."""

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.databases import (
    Database,
    dedicated,
    shared,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.fleet import move_all
from botocore.exceptions import ClientError

from tests.support.failover_fakes import LIMITS, two_regions
from tests.support.failovers import HERE, RECORD, THERE, wanted

_OPTIONS = {
    "mode": "planned",
    "target_region": THERE,
    "instances": [
        {"region": HERE, "identifier": "p-me-west-1-database", "address": None},
        {"region": THERE, "identifier": "p-eu-central-1-database", "address": "127.0.0.1:1"},
    ],
    "fence": "lock_and_kill",
    "fence_security_group": None,
    "secret_prefix": "p/database/",
    "tenant_secret_prefix": None,
    "admin_secret": "p/database/master",
    "max_lag_ms": 200,
    "accept_unapplied": False,
}
_REFUSAL = ClientError(
    {"Error": {"Code": "InvalidDBInstanceState"}, "ResponseMetadata": {"HTTPStatusCode": 400}}, "PromoteReadReplica"
)
_TENANT = {"isolation": "instance", "state": "present", "identifiers": None}


class Fleet:
    """The shared database and those of tenants, in fakes of their own."""

    def __init__(self, *tenants: str, mode: str = "planned"):
        names = ["", *tenants]
        self.databases = [Database(name, dataclasses.replace(wanted(mode), name=name), "", {}) for name in names]
        self.happened: dict[str, list[str]] = {name: [] for name in names}
        made = {name: two_regions(self.happened[name]) for name in names}
        self.regions = {name: regions for name, (regions, _dependencies) in made.items()}
        self._dependencies = {name: dependencies for name, (_regions, dependencies) in made.items()}
        for name in tenants:
            for region in self.regions[name].values():
                region.record, region.source = None, f"arn:aws:rds:{HERE}:1:db:main"

    def move(self, *, check_mode: bool = False):
        outcomes = move_all(self.databases, lambda item: self._dependencies[item.name], LIMITS, check_mode=check_mode)
        return {outcome.database.name: outcome for outcome in outcomes}


def test_a_tenant_s_instances_and_secrets_are_named_as_its_module_names_them():
    tenants = [
        {"name": "acme"} | _TENANT,
        {"name": "legacy"} | _TENANT | {"identifiers": {HERE: "erp"}},
        {"name": "gone"} | _TENANT | {"state": "absent"},
        {"name": "small"} | _TENANT | {"isolation": "schema"},
    ]
    acme, legacy = dedicated(_OPTIONS | {"tenants": tenants})
    assert acme.wanted.instances == {HERE: "p-me-west-1-database-acme", THERE: "p-eu-central-1-database-acme"}
    assert acme.wanted.secret_names == ("p/database/tenants/acme", "p/database/tenants/acme/master")
    assert (acme.name, acme.wanted.name, acme.admin_secret) == ("acme", "acme", "p/database/tenants/acme/master")
    assert legacy.wanted.instances == {HERE: "erp", THERE: "p-eu-central-1-database-legacy"}
    assert shared(_OPTIONS).addresses == {HERE: None, THERE: "127.0.0.1:1"}


def test_all_are_moved_each_with_its_journal_and_its_record():
    fleet = Fleet("acme", "other")
    outcomes = fleet.move()
    assert {name: outcome.error for name, outcome in outcomes.items()} == {"": "", "acme": "", "other": ""}
    for name, regions in fleet.regions.items():
        assert regions[THERE].journal.outcome == "done"
        assert regions[THERE].journal.source.endpoint == "main.example"
        assert regions[HERE].record == regions[THERE].record
        assert regions[THERE].record.epoch == (1 if name else RECORD.epoch + 1)
        assert regions[THERE].record.active_region == THERE
    again = fleet.move()
    assert not any(outcome.changes for outcome in again.values())


def test_one_that_is_refused_keeps_none_of_the_others():
    fleet = Fleet("acme", "blocked")
    fleet.regions["blocked"][THERE].refusal = _REFUSAL
    outcomes = fleet.move()
    assert outcomes["blocked"].error.startswith("blocked: Could not promote")
    assert outcomes["blocked"].described["failover"]["outcome"] == "aborted"
    assert fleet.happened["blocked"][-2:] == [f"unlock app in {HERE}", f"heartbeat on in {HERE}"]
    assert [outcomes[name].error for name in ("", "acme")] == ["", ""]


def test_one_whose_clients_can_not_be_made_keeps_none_of_the_others():
    fleet = Fleet("acme")

    def dependencies(item):
        if item.name:
            raise PlatformError("The secret is gone.")
        return fleet._dependencies[""]

    outcomes = move_all(fleet.databases, dependencies, LIMITS, check_mode=False)
    assert [outcome.error for outcome in outcomes] == ["", "acme: The secret is gone."]


def test_an_emergency_finds_the_endpoint_of_an_old_writer_once_its_region_is_back():
    """Nothing in the target region knows it before the first failover."""
    fleet = Fleet("acme", mode="emergency")
    for regions in fleet.regions.values():
        regions[HERE].lost = True
    first = fleet.move()
    assert {name: outcome.error for name, outcome in first.items()} == {"": "", "acme": ""}
    waiting = fleet.regions["acme"][THERE].journal
    assert (waiting.outcome, waiting.source.endpoint) == ("", "")
    assert len(first["acme"].described["failover"]["pending"]) == 2
    for regions in fleet.regions.values():
        regions[HERE].lost = False
    assert not [outcome.error for outcome in fleet.move().values() if outcome.error]
    ended = fleet.regions["acme"][THERE].journal
    assert (ended.outcome, ended.source.endpoint) == ("done", "main.example")
    assert f"lock app in {HERE}" in fleet.happened["acme"]


def test_one_without_a_replica_there_stays_where_it_is():
    fleet = Fleet("bound")
    fleet.regions["bound"][THERE].gone = True
    outcomes = fleet.move()
    assert (outcomes["bound"].error, outcomes["bound"].changes) == ("", ())
    assert "no replica in eu-central-1" in outcomes["bound"].described["left"]
    assert fleet.happened["bound"] == []


@pytest.mark.parametrize("check_mode", [True, False])
def test_check_mode_changes_none(check_mode):
    fleet = Fleet("acme")
    outcomes = fleet.move(check_mode=check_mode)
    assert all(outcome.changes for outcome in outcomes.values())
    assert any(fleet.happened.values()) is not check_mode
