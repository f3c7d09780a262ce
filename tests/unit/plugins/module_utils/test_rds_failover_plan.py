# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Plan what is left of a failover, and find what keeps one from being begun."""

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.checks import check, check_options
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.model import Side
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.plan import begin, pending, plan
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.results import readiness
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_record.model import Copy

from tests.support.failovers import (
    HERE,
    RECORD,
    THERE,
    instance,
    journal,
    lost,
    server,
    state,
    wanted,
)

_PLANNED = ["fence", "drain", "promote", "record", "open", "secrets", "copies"]
_MOVED = dataclasses.replace(RECORD, epoch=3, active_region=THERE)


def _plan(options, observed):
    return plan(options, observed, begin(options, observed, "n"))


def _steps(options, observed) -> list[str]:
    return [change.data for change in _plan(options, observed)]


def _texts(options, observed) -> str:
    return " ".join(finding.text for finding in check(options, observed))


def test_a_planned_one_fences_before_it_promotes_and_opens_after_the_record():
    assert _steps(wanted(), state()) == _PLANNED
    assert check(wanted(), state()) == []


def test_an_emergency_leaves_for_later_what_needs_the_lost_region():
    steps = ["reach", "apply", "promote", "record", "open", "secrets"]
    assert _steps(wanted("emergency"), lost()) == steps
    assert _steps(wanted("emergency"), state()) == [*steps, "late_fence", "copies"]
    assert check(wanted("emergency"), lost()) == []


def test_status_does_nothing():
    assert _plan(wanted("status"), state()) == []
    assert _plan(wanted("status"), state(journal=journal(done=("fence",), doing="drain"))) == []


def test_where_the_region_takes_the_writes_already_nothing_is_done():
    observed = state(record=_MOVED)
    for mode in ("planned", "emergency"):
        assert _plan(wanted(mode), observed) == []
        assert check(wanted(mode), observed) == []


def test_names_of_changes_are_unique():
    for mode in ("planned", "emergency"):
        names = [step.resource for step in _plan(wanted(mode), state())]
        assert len(names) == len(set(names))


def test_the_epoch_is_the_next_and_the_version_goes_on():
    old = journal(outcome="done", version=7)
    begun = begin(wanted(), state(journal=old), "name")
    assert (begun.epoch, begun.version, begun.source.endpoint, begun.done) == (3, 7, "main.example", ())


def test_what_was_begun_is_resumed_from_where_it_can_not_be_taken_back():
    promoting = journal(done=("fence", "drain"), doing="promote")
    assert _steps(wanted(), state(journal=promoting)) == _PLANNED[2:]
    opened = journal(done=tuple(_PLANNED[:5]), doing="secrets")
    assert _steps(wanted(), state(journal=opened, record=_MOVED)) == _PLANNED[5:]


def test_a_fence_that_may_be_gone_is_raised_again():
    assert _steps(wanted(), state(journal=journal(done=("fence",), doing="drain"))) == _PLANNED


def test_a_planned_one_whose_region_was_lost_goes_on_as_an_emergency():
    fenced = journal(done=("fence",), doing="drain", facts={"accounts": [["a", "%"]]})
    assert _steps(wanted("emergency"), lost(journal=fenced)) == ["apply", "promote", "record", "open", "secrets"]
    assert begin(wanted("emergency"), lost(journal=fenced), "").facts == {"accounts": [["a", "%"]]}


def test_an_emergency_waits_for_its_region_and_says_so():
    done = ("reach", "apply", "promote", "record", "open", "secrets")
    waiting = journal("emergency", done=done)
    assert _plan(wanted("emergency"), lost(journal=waiting, record=_MOVED)) == []
    assert len(pending(waiting)) == 2
    assert _steps(wanted("emergency"), state(journal=waiting, record=_MOVED)) == ["late_fence", "copies"]
    assert "mode=emergency" in _texts(wanted(), state(journal=waiting))


@pytest.mark.parametrize(
    ("observed", "said"),
    [
        ({"foreign": journal(doing="drain")}, "finish it first"),
        ({"record": None}, "No region"),
        ({"copies": (Copy(HERE, "unreadable", error="silent"), Copy(THERE, "present", RECORD))}, "unreadable (silent)"),
        ({"copies": (Copy(HERE, "present", RECORD), Copy(THERE, "absent"))}, "eu-central-1 is absent"),
        ({"source": Side(HERE, "main", instance("main"), server_error="MySQL answered 2003.")}, "mode=emergency"),
        ({"source": Side(HERE, "main", instance("main"), server=server(beat=False))}, "rds_heartbeat"),
        ({"source": Side(HERE, "main", instance("main"), server=server(read_only=True))}, "takes no writes"),
        ({"source": Side(HERE, "main", instance("main", status="rebooting"), server=server())}, "rebooting"),
        (
            {"source": Side(HERE, "main", instance("main"), server=server(performance_schema=False))},
            "main in me-west-1 runs without performance_schema",
        ),
        (
            {"target": Side(THERE, "replica", instance("r", "arn"), server=server(True, performance_schema=False))},
            "replica in eu-central-1 runs without performance_schema",
        ),
        ({"target": Side(THERE, "replica")}, "no replica"),
        ({"target": Side(THERE, "replica", instance("replica"), server=server())}, "no read replica"),
        (
            {"target": Side(THERE, "replica", instance("r", "arn", read_only="1"), server=server(True))},
            "read_only to 1",
        ),
        (
            {"target": Side(THERE, "r", instance("r", "arn"), server=server(True, problems=("it does not apply",)))},
            "it does not apply",
        ),
    ],
)
def test_what_is_in_the_way_is_said(observed, said):
    assert said in _texts(wanted(), state(**observed))


def _options(regions: list[str]) -> dict:
    times = ("ready", "lag", "fence", "barrier", "promotion", "lost")
    numbers = ["max_lag_ms", *(f"{name}_timeout" for name in times)]
    return {"instances": [{"region": region} for region in regions]} | dict.fromkeys(numbers, 2)


@pytest.mark.parametrize(
    ("options", "numbers", "regions", "said"),
    [
        ({"target_region": "mars-1"}, {}, [HERE, THERE], "O(instances)"),
        ({"fence": "security_group"}, {}, [HERE, THERE], "O(fence_security_group)"),
        ({}, {"max_lag_ms": -1}, [HERE, THERE], "O(max_lag_ms) is -1"),
        ({"accept_unapplied": True}, {}, [HERE, THERE], "O(accept_unapplied) is for mode=emergency"),
        ({}, {"lost_timeout": 0}, [HERE, THERE], "O(lost_timeout) is 0"),
        ({}, {}, [HERE, HERE], f"O(instances) names {HERE} twice"),
    ],
)
def test_bad_options_are_found_before_anything_is_read(options, numbers, regions, said):
    (finding,) = check_options(wanted(**options), _options(regions) | numbers)
    assert said in finding.text


def test_good_options_pass():
    group = wanted(fence="security_group", fence_security_group="sg-2")
    assert check_options(group, _options([HERE, THERE])) == []


def test_status_is_told_whatever_is_in_the_way():
    assert check(wanted("status"), state(foreign=journal(doing="drain"), record=None)) == []


def test_a_fence_that_was_being_taken_back_counts_as_none_in_an_emergency():
    facts = {"accounts": [["a", "%"]], "fenced": True, "drained": True}
    begun = begin(
        wanted("emergency"), lost(journal=journal(done=("fence", "drain"), doing="take_back", facts=facts)), ""
    )
    assert begun.facts == {"accounts": [["a", "%"]]}
    assert begun.remaining[0] == "reach"
    assert begun.marks == {}


def test_an_emergency_that_was_being_taken_back_begins_anew():
    cut_off = journal("emergency", done=("reach", "apply"), doing="take_back", marks={"promotion_asked": 5})
    begun = begin(wanted("emergency"), lost(journal=cut_off), "")
    assert (begun.remaining[0], begun.marks) == ("reach", {}), "nobody has asked for a promotion: the first ask counts"


def test_a_backup_of_the_replica_is_awaited_and_still_told():
    backed_up = Side(THERE, "replica", instance("replica", "arn", status="backing-up"), server=server(True))
    for mode in ("planned", "emergency"):
        assert check(wanted(mode), state(target=backed_up)) == []
    assert "backing-up" in readiness(wanted(), state(target=backed_up))["problems"][0]
    rebooting = Side(THERE, "r", instance("r", "a", status="rebooting"), server=server(True))
    assert "rebooting" in _texts(wanted(), state(target=rebooting))


def test_readiness_tells_of_lag():
    assert readiness(wanted(), state()) == {"ready": True, "problems": []}
    late = Side(THERE, "replica", instance("replica", "arn"), server=server(True, lag_ms=900.0))
    assert "900.0 ms behind" in readiness(wanted(), state(target=late))["problems"][0]
