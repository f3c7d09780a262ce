# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run whole failovers against fakes of both regions: what is called in which order, and what the journal holds."""

from __future__ import annotations

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover import executor
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.reconciler import FailoverReconciler
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.results import result

from tests.support.failover_fakes import LIMITS, Region, two_regions
from tests.support.failovers import HERE, THERE, wanted


def _failover(mode: str) -> tuple[FailoverReconciler, dict[str, Region], list[str]]:
    happened: list[str] = []
    regions, dependencies = two_regions(happened)
    return FailoverReconciler(wanted(mode), dependencies, LIMITS, check_mode=False), regions, happened


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


def test_an_emergency_does_not_leave_a_writer_that_answers_open_for_a_connection_that_was_lost():
    reconciler, regions, happened = _failover("emergency")
    left, lock = regions[HERE], regions[HERE].lock
    failures = [PlatformError("lost"), PlatformError("lost")]

    def lock_or_lose(accounts, *, locked):
        if failures:
            raise failures.pop()
        lock(accounts, locked=locked)

    left.lock = lock_or_lose
    converge(reconciler, check_mode=False, timeout=1)
    assert happened.index(f"lock app in {HERE}") < happened.index(f"promote {THERE}")
    assert reconciler.journal.facts["fenced"]


def test_an_emergency_whose_old_writer_can_not_be_fenced_goes_on(monkeypatch):
    monkeypatch.setattr(executor, "_EMERGENCY_FENCE_SECONDS", 0.1)
    reconciler, regions, happened = _failover("emergency")
    regions[HERE].accounts = lambda: (_ for _ in ()).throw(PlatformError("it is broken"))
    with pytest.raises(PlatformError, match="it is broken"):
        converge(reconciler, check_mode=False, timeout=1)
    assert f"promote {THERE}" in happened
    assert "The old writer can't be fenced yet: it is broken" in happened
    assert reconciler.journal.doing == ""


def test_check_mode_and_status_change_nothing():
    for mode in ("planned", "status"):
        reconciler, regions, happened = _failover(mode)
        changes, _state = converge(reconciler, check_mode=True, timeout=1)
        assert bool(changes) is (mode == "planned")
        assert (happened, regions[THERE].journal, reconciler.journal) == ([], None, None)
