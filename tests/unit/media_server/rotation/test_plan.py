# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Parameters, plans and phases: pure functions."""

from __future__ import annotations

import datetime

import pytest
from media_server.errors import BadInputError, ConflictError
from media_server.rotation import phases
from media_server.rotation.model import Failure, Item, Outcome, Plan, State, Verification
from media_server.rotation.params import Params
from media_server.rotation.plan import DEFAULT_RATES, Rates, expected_seconds, make_plan, measured_rates, select
from media_server.rotation.run import lanes_left

ARN = "arn:aws:kms:me-west-1:000000000000:key/mrk-1"


def _params(**given) -> Params:
    return Params.read({"mode": "reencrypt", **given})


def _items(count: int, size: int = 100) -> list[Item]:
    return [Item(f"t{number // 20:02}", f"a{number:04}", 5, size) for number in range(count)]


@pytest.mark.parametrize(
    "given",
    [
        {"mode": "none"},
        {"mode": None},
        {"unknown": 1},
        {"scope": []},
        {"scope": {"unknown": "x"}},
        {"scope": {"tenant": "A"}},
        {"scope": {"asset": "a"}},
        {"scope": {"older_than": "yesterday"}},
        {"scope": {"after": "../x"}},
        {"concurrency": 0},
        {"concurrency": True},
        {"concurrency": 2.5},
        {"concurrency": 1000},
        {"kms_requests_per_s": 0},
        {"max_assets": 0},
        {"retain_old_s": -1},
        {"rotation_id": "A b"},
        {"rotation_id": "x/../y"},
        {"target_kms_key": ARN},
        {"target_kms_key": 5},
        {"mode": "rewrap", "target_kms_key": ARN, "scope": {"tenant": "t", "asset": "a"}},
    ],
    ids=str,
)
def test_bad_parameters_are_refused(given):
    with pytest.raises(BadInputError):
        _params(**given)


def test_a_rotation_may_not_keep_old_versions_shorter_than_the_server_does():
    with pytest.raises(BadInputError, match="at least 60"):
        Params.read({"mode": "reencrypt", "retain_old_s": 59}, least_retain_s=60)


def test_the_id_depends_on_what_is_done_and_not_on_how():
    first = _params(concurrency=1, kms_requests_per_s=7)
    assert first.rotation_id == _params(concurrency=9, retain_old_s=5).rotation_id
    others = [
        _params(scope={"tenant": "t"}),
        _params(max_assets=1),
        _params(mode="rewrap"),
        _params(mode="rewrap", target_kms_key=ARN),
    ]
    assert len({first.rotation_id, *(other.rotation_id for other in others)}) == 5
    assert [other.kind for other in others] == ["content", "content", "tenant", "kms"]


def test_a_plan_is_read_as_it_was_written():
    plan, _shards = make_plan(_params(scope={"tenant": "t"}), _items(3), None, DEFAULT_RATES["content"], "now")
    read = Plan.from_json(plan.to_json())
    assert read.to_json() == plan.to_json()
    assert read.params.identity == plan.params.identity
    state = State("r", "rotating", 1, "now", failures=(Failure("a", "b", "c"),), verification=Verification("all"))
    assert State.from_json(state.to_json()) == state


def test_every_item_is_in_one_shard_and_shards_are_small():
    items = _items(205)
    plan, shards = make_plan(_params(concurrency=4), items, None, DEFAULT_RATES["content"], "now")
    assert [item for shard in shards for item in shard] == items
    assert max(len(shard) for shard in shards) <= 20
    assert (plan.assets, plan.objects, plan.bytes) == (205, 1025, 20500)
    assert plan.lanes == 4
    assert plan.kms_calls == 11
    again, _shards = make_plan(_params(concurrency=4), items, None, DEFAULT_RATES["content"], "later")
    assert again.digest == plan.digest
    _plan, heavy = make_plan(_params(), _items(4, size=3 * 1024**3), None, DEFAULT_RATES["content"], "now")
    assert [len(shard) for shard in heavy] == [1, 1, 1, 1]


def test_an_empty_plan_is_valid():
    plan, shards = make_plan(_params(), [], None, DEFAULT_RATES["content"], "now")
    assert (plan.shards, plan.lanes, plan.expected_s, shards) == (0, 0, 0, [])


def test_a_limited_plan_has_a_resume_marker():
    items = _items(10)
    chosen, marker = select(_params(max_assets=4), items)
    assert (len(chosen), marker) == (4, "t00/a0003")
    rest, marker = select(_params(scope={"after": marker}), items)
    assert (rest, marker) == (items[4:], None)
    tenants = [Item("a", None, 1, 1, assets=50), Item("b", None, 1, 1, assets=50)]
    assert select(Params.read({"mode": "rewrap", "target_kms_key": ARN, "max_assets": 10}), tenants)[1] == "a"


def test_the_expected_time_is_that_of_the_slowest():
    params = _params(kms_requests_per_s=10)
    rates = Rates(objects_per_s=100, bytes_per_s=1000)
    assert expected_seconds(params, 1000, 10_000, 10, rates, 2) == 10
    assert expected_seconds(params, 10, 10, 1000, rates, 2) == 100
    assert measured_rates("content", {"seconds": 10, "objects": 500, "bytes": 1e9}) == Rates(50, 1e8)
    assert measured_rates("content", {"seconds": 0.1, "objects": 500, "bytes": 1e9}) == DEFAULT_RATES["content"]
    assert measured_rates("kms", None) == DEFAULT_RATES["kms"]


def test_lanes_continue_after_finished_shards():
    plan, _shards = make_plan(_params(concurrency=3), _items(60), None, DEFAULT_RATES["content"], "now")
    assert plan.shards == 12
    assert lanes_left(plan, {}) == [0, 1, 2]
    assert lanes_left(plan, {0: 1.0, 3: 1.0, 2: 1.0}) == [6, 1, 5]
    assert lanes_left(plan, dict.fromkeys(range(12), 1.0)) == []


def _state(phase: str, **values) -> State:
    return State("r", phase, 3, "2026-11-25T00:00:00+00:00", **values)


ALLOWED = {
    "planned": {"rotate"},
    "rotating": {"rotate"},
    "incomplete": {"rotate", "roll-back"},
    "rotated": {"roll-back", "verify", "finalize"},
    "verifying": {"verify"},
    "rolling-back": {"roll-back"},
    "rolled-back": {"rotate", "finalize"},
    "finalizing": {"finalize"},
    "finalized": {"verify"},
}


@pytest.mark.parametrize("phase", ALLOWED)
def test_transitions_between_phases(phase):
    for task in phases.TASKS.values():
        state = _state(phase)
        if task.name in ALLOWED[phase]:
            assert phases.begin(state, task, "now").phase == task.running
        elif phase in task.nothing_to_do:
            assert phases.begin(state, task, "now") is state
        else:
            with pytest.raises(ConflictError, match=phase):
                phases.begin(state, task, "now")


def test_how_rounds_end():
    failed = Outcome(done=3, failures=(Failure("x", "c", "m"),))
    assert phases.finish(_state("rotating"), Outcome(done=4), "now").phase == "rotated"
    assert phases.finish(_state("rotating"), failed, "now").phase == "incomplete"
    assert phases.finish(_state("rolling-back"), Outcome(), "now").phase == "rolled-back"
    assert phases.finish(_state("finalizing", settled="rolled-back"), failed, "now").phase == "rolled-back"
    assert phases.finish(_state("finalizing"), Outcome(), "now").phase == "finalized"
    verified = phases.finish(_state("verifying", settled="rotated", verify_level="all"), failed, "now")
    assert (verified.phase, verified.verification) == ("rotated", Verification("all", 4, 1, "now"))


def test_what_is_obsolete_depends_on_what_was_settled():
    assert phases.begin(_state("rotated"), phases.FINALIZE, "now").obsolete == "source"
    assert phases.begin(_state("rolled-back"), phases.FINALIZE, "now").obsolete == "target"


def test_old_versions_are_kept_for_their_time():
    state = _state("rotated", retain_from="2026-11-25T00:00:00+00:00")
    at = datetime.datetime(2026, 11, 25, 0, 59, tzinfo=datetime.UTC)
    with pytest.raises(ConflictError, match="01:00:00"):
        phases.require_retained(state, 3600, at)
    phases.require_retained(state, 3600, at + datetime.timedelta(minutes=1))
