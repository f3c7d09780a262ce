# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run whole failovers against fakes of both regions: what is called in which order, and what the journal holds."""

from __future__ import annotations

import dataclasses

from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.dependencies import (
    Dependencies,
    Limits,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.reconciler import FailoverReconciler
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.results import result
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_record.model import Copy

from tests.support.failovers import HERE, RECORD, THERE, instance, server, wanted

_LIMITS = Limits(max_lag_ms=200, ready=1, lag=1, fence=1, barrier=1, promotion=1)


class Region:
    """A region's record, journal, instance and server. It notes what changes them."""

    def __init__(self, name: str, happened: list[str], *, replica: bool):
        self.name = name
        self.place = f"instance in {name}"
        self.happened = happened
        self.replica = replica
        self.record = RECORD
        self.journal = None

    # Instance

    def read(self):
        return instance("replica" if self.replica else "main", "arn:main" if self.replica else "")

    def describe(self):
        source = {"ReadReplicaSourceDBInstanceIdentifier": "arn:main"} if self.replica else {}
        return {"DBInstanceStatus": "available"} | source

    def ask_to_promote(self):
        self.happened.append(f"promote {self.name}")
        self.replica = False

    # Server

    def replication(self):
        return server(replica=self.replica)

    def read_only(self):
        return self.replica

    def executed(self):
        return "u:1-9"

    def received(self):
        return "u:1-9"

    def missing(self, _transactions):
        return ""

    def subtract(self, _transactions, _others):
        return ""

    def wait_for(self, _transactions, _seconds):
        return True

    def last_beat(self):
        return "2026-11-25T08:00:00.000000+00:00"

    def other_events(self):
        return []

    def accounts(self):
        return [("app", "%")]

    def lock(self, accounts, *, locked):
        self.happened.append(f"{'lock' if locked else 'unlock'} {accounts[0][0]} in {self.name}")

    def end_all_sessions(self, _deadline):
        self.happened.append(f"end sessions in {self.name}")

    def beating(self, *, on):
        self.happened.append(f"heartbeat {'on' if on else 'off'} in {self.name}")

    def prove_write(self):
        self.happened.append(f"write to {self.name}")

    def let_beat(self):
        self.happened.append(f"heartbeat on in {self.name}")

    def close(self):
        pass


class Journals:
    """The journal of a region."""

    def __init__(self, region: Region):
        self._region = region

    def read(self):
        return self._region.journal

    def write(self, journal):
        self._region.journal = dataclasses.replace(journal, version=journal.version + 1)
        return self._region.journal


class Records:
    """The copies of the region record."""

    def __init__(self, regions: dict[str, Region], names):
        self._regions = {name: regions[name] for name in names}

    def read(self):
        return [Copy(name, "present", region.record) for name, region in self._regions.items()]

    def write(self, name, record):
        region = self._regions[name]
        region.happened.append(f"record epoch {record.epoch} in {name}")
        region.record = record


def _failover(mode: str) -> tuple[FailoverReconciler, dict[str, Region], list[str]]:
    happened: list[str] = []
    regions = {HERE: Region(HERE, happened, replica=False), THERE: Region(THERE, happened, replica=True)}
    dependencies = Dependencies(
        journals=lambda name: Journals(regions[name]),
        records=lambda names: Records(regions, names),
        regions=[THERE, HERE],
        rds=lambda name: regions[name],
        engine=lambda name, _endpoint: regions[name],
        secrets=lambda: None,
        warn=happened.append,
    )
    return FailoverReconciler(wanted(mode), dependencies, _LIMITS, check_mode=False), regions, happened


def test_a_planned_failover_changes_both_regions_in_its_order():
    reconciler, _regions, happened = _failover("planned")
    changes, state = converge(reconciler, check_mode=False, timeout=1)
    assert [change.data for change in changes] == ["fence", "drain", "promote", "record", "open", "secrets", "copies"]
    assert [change.resource for change in changes] == [
        f"writer main in {HERE}",
        f"all that main in {HERE} has",
        f"replica replica in {THERE}",
        f"region record in {THERE}",
        f"writer replica in {THERE}",
        f"replicated secrets in {THERE}",
        f"region record in {HERE}",
    ]
    assert happened == [
        f"heartbeat off in {HERE}",
        f"lock app in {HERE}",
        f"end sessions in {HERE}",
        f"promote {THERE}",
        f"record epoch 3 in {THERE}",
        f"unlock app in {THERE}",
        f"write to {THERE}",
        f"heartbeat on in {THERE}",
        f"record epoch 3 in {HERE}",
    ]
    assert (reconciler.journal.outcome, reconciler.journal.facts["drained"]) == ("done", True)
    assert result(wanted(), state)["failover"]["outcome"] == "done"


def test_an_emergency_fences_a_writer_that_still_answers():
    reconciler, _regions, happened = _failover("emergency")
    changes, _state = converge(reconciler, check_mode=False, timeout=1)
    assert [change.data for change in changes][:3] == ["reach", "apply", "promote"]
    assert happened[:3] == [f"heartbeat off in {HERE}", f"lock app in {HERE}", f"end sessions in {HERE}"]
    assert reconciler.journal.outcome == "done"


def test_check_mode_and_status_change_nothing():
    for mode in ("planned", "status"):
        reconciler, regions, happened = _failover(mode)
        changes, _state = converge(reconciler, check_mode=True, timeout=1)
        assert bool(changes) is (mode == "planned")
        assert (happened, regions[THERE].journal, reconciler.journal) == ([], None, None)
