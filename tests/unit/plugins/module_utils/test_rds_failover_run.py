# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Write the journal before a step, take a failure back while that is possible, and let one run act at a time."""

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.journal import STEPS, Journal
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.journal_store import TakenOverError
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.loss import loss
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.promotion import RefusedError
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.run import Run
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.timeline import (
    timeline,
    write_block,
)

from tests.support.failovers import journal


class Store:
    """Keep what is written, and note when."""

    def __init__(self, happened: list[str]):
        self.happened = happened
        self.taken_over = False

    def write(self, entry: Journal) -> Journal:
        if self.taken_over:
            raise TakenOverError("another run")
        self.happened.append(f"journal:{entry.outcome or entry.doing}")
        return dataclasses.replace(entry, version=entry.version + 1)


class FakeExecutor:
    """Note the steps, and fail at one of them."""

    def __init__(self, happened: list[str], failing: str, error: type[PlatformError]):
        self.happened = happened
        self.error = error
        self.failing = failing

    def gate(self, _journal):
        self.happened.append("gate")

    def prepare(self, _step, entry):
        return entry

    def take_back(self, _journal):
        self._note("take_back")

    def _note(self, step):
        self.happened.append(step)
        if step == self.failing:
            raise self.error(f"{step} failed.")

    def __getattr__(self, step):
        def execute(entry):
            self._note(step)
            return entry

        return execute


def _run(
    entry: Journal, failing: str = "", resumed: bool = False, error: type[PlatformError] = PlatformError
) -> tuple[Run, list[str], Store]:
    happened: list[str] = []
    store = Store(happened)
    return Run(entry, store, FakeExecutor(happened, failing, error), resumed=resumed), happened, store


def test_every_step_is_in_the_journal_before_it_is_done():
    run, happened, _store = _run(journal())
    run.execute(STEPS["planned"])
    expected = ["gate"]
    for step in STEPS["planned"]:
        expected += [f"journal:{step}", step]
    assert happened == [*expected, "journal:done"]
    assert run.journal.finished


@pytest.mark.parametrize("failing", ["fence", "drain"])
def test_a_failure_before_the_promotion_is_taken_back(failing):
    run, happened, _store = _run(journal(), failing)
    with pytest.raises(PlatformError, match="given up"):
        run.execute(STEPS["planned"])
    assert happened[-3:] == ["journal:take_back", "take_back", "journal:aborted"]


@pytest.mark.parametrize("failing", ["promote", "record", "open"])
def test_a_failure_from_the_promotion_on_is_left_to_the_next_run(failing):
    run, happened, _store = _run(journal(), failing)
    with pytest.raises(PlatformError, match=f"{failing} failed"):
        run.execute(STEPS["planned"])
    assert "take_back" not in happened
    assert not run.journal.finished


def test_a_promotion_that_rds_did_not_begin_is_taken_back():
    run, happened, _store = _run(journal(), "promote", error=RefusedError)
    with pytest.raises(PlatformError, match="given up"):
        run.execute(STEPS["planned"])
    assert happened[-1] == "journal:aborted"


def test_an_emergency_whose_old_writer_is_silent_waits_on():
    run, happened, _store = _run(journal("emergency"), "apply")
    with pytest.raises(PlatformError, match="apply failed"):
        run.execute(STEPS["emergency"])
    assert "take_back" not in happened
    assert not run.journal.finished


@pytest.mark.parametrize(("failing", "error"), [("apply", PlatformError), ("promote", RefusedError)])
def test_an_emergency_opens_an_old_writer_that_it_fenced(failing, error):
    run, happened, _store = _run(journal("emergency", facts={"silent": False}), failing, error=error)
    with pytest.raises(PlatformError, match="takes writes as before"):
        run.execute(STEPS["emergency"])
    assert happened[-3:] == ["journal:take_back", "take_back", "journal:aborted"]


def test_an_emergency_that_rds_refuses_is_begun_anew_by_the_next_run():
    run, happened, _store = _run(journal("emergency"), "promote", error=RefusedError)
    with pytest.raises(PlatformError, match="did not answer"):
        run.execute(STEPS["emergency"])
    assert "take_back" not in happened
    assert run.journal.outcome == "aborted"


def test_a_run_that_was_taken_over_touches_nothing_more():
    run, happened, store = _run(journal(done=("fence",)), resumed=True)
    store.taken_over = True
    with pytest.raises(TakenOverError):
        run.execute(STEPS["planned"][1:])
    assert happened == ["gate"]


def test_a_run_that_was_cut_off_while_it_took_back_is_taken_back_to_the_end():
    run, happened, _store = _run(journal(doing="take_back", marks={"begun": 1}), resumed=True)
    with pytest.raises(PlatformError, match="given up"):
        run.execute(STEPS["planned"])
    assert happened == ["journal:take_back", "take_back", "journal:aborted"]


def test_the_journal_comes_back_as_it_was_written():
    entry = journal(done=("fence",), doing="drain", facts={"accounts": [["a", "%"]]}, marks={"begun": 5}, version=4)
    assert Journal.from_text(entry.to_text(), 4) == entry


@pytest.mark.parametrize(("doing", "possible"), [("fence", True), ("drain", True), ("promote", False), ("open", False)])
def test_the_promotion_is_the_point_of_no_return(doing, possible):
    assert journal(doing=doing).can_be_taken_back is possible


def test_the_first_time_of_a_mark_counts():
    assert journal(marks={"begun": 5}).marked("begun", 9).marks == {"begun": 5}


def test_our_part_of_the_write_block_and_aws_s_are_apart():
    marks = {"begun": 0, "fence_begun": 100, "fenced": 150, "drained": 160, "promotion_asked": 180, "promoted": 9180}
    marks |= {"recorded": 9200, "opened": 9250}
    assert write_block(marks) == {"write_block_ms": 9150, "ours_ms": 150, "aws_ms": 9000}
    assert write_block({"begun": 0}) is None
    assert [item["took_ms"] for item in timeline(marks) if item["by"] == "aws"] == [9000]


def test_the_loss_is_a_span_until_the_old_writer_is_fenced():
    entry = journal("emergency", facts={"last_beat": "2026-11-25T08:00:00.000000+00:00"})
    assert loss(entry)["until"] is None
    assert loss(entry)["possible"]
    fenced = entry.marked("old_fenced", 1_764_057_600_000).knowing(errant_gtids="u:1-2")
    assert loss(fenced)["until"].startswith("2025-11-25T08:00:00")
    assert loss(fenced)["errant_gtids"] == "u:1-2"
    assert not loss(entry.knowing(drained=True))["possible"]


def test_what_was_given_up_and_what_is_nobodys_are_told_apart():
    found = loss(
        journal("emergency", facts={"errant_gtids": "u:5", "housekeeping_gtids": "u:6-7", "unapplied_gtids": "u:4"})
    )
    assert (found["errant_gtids"], found["housekeeping_gtids"], found["unapplied_gtids"]) == ("u:5", "u:6-7", "u:4")
